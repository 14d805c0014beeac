/// The header of a `.npy` file: element type and shape.
///
/// Written as NumPy writes version 1.0; versions 1.0 to 3.0 are read. Only little-endian numbers in
/// C order are accepted: nothing else is in our files.
struct NPYHeader: Equatable {
  enum Element: String {
    case float64 = "<f8"
    case float32 = "<f4"
    case int32 = "<i4"
    case int64 = "<i8"

    /// `nil` for a type that no file of ours holds.
    init?(_ type: StoredType) {
      switch type {
      case .f64: self = .float64
      case .f32: self = .float32
      case .i32: self = .int32
      case .i64: self = .int64
      default: return nil
      }
    }

    var size: Int { self == .float64 || self == .int64 ? 8 : 4 }
  }

  var element = Element.float64
  var shape: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  // MARK: Writing

  /// Magic, version, length and text, together a multiple of 64 bytes.
  var bytes: [UInt8] {
    let inner = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(inner)), }"
    // NumPy leaves room for the first dimension to grow to 21 digits in place.
    if let first = shape.first {
      text += String(repeating: " ", count: max(0, 21 - String(first).count))
    }
    let used = Self.magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: 64 - used % 64) + "\n"
    let length = UInt16(clamping: text.utf8.count)
    return Self.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }

  // MARK: Reading

  init(element: Element = .float64, shape: [Int]) {
    self.element = element
    self.shape = shape
  }

  /// Reads the text between the length field and the data.
  init(text: [UInt8]) throws(NPYProblem) {
    var reader = NPYDictionaryReader(text)
    try reader.read()
    guard let description = reader.description else { throw .missingKey("descr") }
    guard let isFortran = reader.isFortranOrder else { throw .missingKey("fortran_order") }
    guard let shape = reader.shape else { throw .missingKey("shape") }
    guard let element = Element(rawValue: description) else { throw .unsupportedType(description) }
    guard !isFortran else { throw .fortranOrder }
    guard shape.count <= 32 else { throw .rankTooHigh(shape.count) }
    guard let count = TensorInfo.elementCount(shape),
      !count.multipliedReportingOverflow(by: 8).overflow
    else { throw .sizeOverflow }
    self.element = element
    self.shape = shape
  }
}

/// Why the header of a `.npy` file cannot be used.
public enum NPYProblem: Error, Sendable, Equatable {
  case badMagic
  case unsupportedVersion(UInt8)
  case malformedHeader
  case missingKey(String)
  case unsupportedType(String)
  case fortranOrder
  case rankTooHigh(Int)
  case sizeOverflow
  /// The shape asks for another number of bytes than the member holds.
  case wrongSize(needed: Int, found: Int)
}
