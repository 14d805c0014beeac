/// An array of a GGUF file, still in the map.
public struct GGUFArray: Sendable {
  let file: MappedFile
  public let elementType: GGUFValueType
  public let count: Int
  /// Where the first element starts in the file.
  let start: Int

  /// Takes the array whose type and count stand at `offset`; the reader has checked them.
  init?(file: MappedFile, offset: Int) {
    let head = file.withBytes { bytes in
      (
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)),
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt64.self))
      )
    }
    guard let elementType = GGUFValueType(rawValue: head.0), let count = Int(exactly: head.1) else {
      return nil
    }
    self.file = file
    self.elementType = elementType
    self.count = count
    self.start = offset + 12
  }
}

/// An array of strings of a GGUF file: a table of where each one lies, found in one pass.
///
/// Nothing is copied until a string is asked for; pieces of a vocabulary need not be UTF-8, so
/// `bytes(at:)` gives what the file holds and the subscript replaces what is ill-formed.
public struct GGUFStrings: Sendable, RandomAccessCollection {
  private let file: MappedFile
  private let offsets: [Int]

  init?(_ array: GGUFArray) {
    guard array.elementType == .string else { return nil }
    file = array.file
    offsets = array.file.withBytes { bytes in
      var offset = array.start
      return (0..<array.count).map { _ in
        defer { offset = Self.range(at: offset, in: bytes).upperBound }
        return offset
      }
    }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { offsets.count }

  public subscript(position: Int) -> String {
    withBytes(at: position) { String(decoding: $0, as: UTF8.self) }
  }

  /// A copy of the bytes of one string.
  public func bytes(at position: Int) -> [UInt8] {
    withBytes(at: position) { [UInt8]($0) }
  }

  /// Calls `body` with the bytes of one string, which must not escape it.
  public func withBytes<Result, Failure: Error>(
    at position: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let offset = offsets[position]
    return try file.withBytes { (bytes) throws(Failure) -> Result in
      try body(UnsafeRawBufferPointer(rebasing: bytes[Self.range(at: offset, in: bytes)]))
    }
  }

  /// The string at `offset`, what is ill-formed replaced.
  static func string(at offset: Int, in bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes[range(at: offset, in: bytes)], as: UTF8.self)
  }

  /// The bytes of the string whose length stands at `offset`, which the reader has checked.
  static func range(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let length = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    let start = offset + 8
    return start..<start + Int(clamping: UInt64(littleEndian: length))
  }
}
