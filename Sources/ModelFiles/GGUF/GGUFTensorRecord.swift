/// One tensor as a GGUF header describes it, its place not yet held against the file.
struct GGUFTensorRecord {
  let name: String
  let type: StoredType
  /// Outermost first: the file stores the reverse.
  let shape: [Int]
  let byteCount: Int
  /// Counted from the start of the tensor data.
  let offset: UInt64

  /// A name of one byte and one dimension.
  static let smallestSize = 8 + 1 + 4 + 8 + 4 + 8

  /// Reads the record at the cursor, the `index`-th of the file.
  init(_ cursor: inout ByteCursor, index: Int) throws(GGUFProblem) {
    name = try Self.readName(&cursor, index: index)
    let rank = try cursor.integer(UInt32.self)
    guard (1...4).contains(rank) else { throw .badRank(tensor: name, rank: rank) }
    var dimensions: [Int] = []
    for axis in 0..<Int(rank) {
      let value = try cursor.integer(UInt64.self)
      guard let dimension = Int(exactly: value), dimension > 0 else {
        throw .badDimension(tensor: name, axis: axis, value: value)
      }
      dimensions.append(dimension)
    }
    shape = dimensions.reversed()
    type = try Self.readType(&cursor, tensor: name)
    guard dimensions[0] % type.elementsPerBlock == 0 else {
      throw .rowNotWholeBlocks(tensor: name, type: type, row: dimensions[0])
    }
    guard let elements = TensorInfo.elementCount(shape),
      let byteCount = type.byteCount(elements: elements)
    else { throw .sizeOverflow(tensor: name) }
    self.byteCount = byteCount
    offset = try cursor.integer(UInt64.self)
  }

  private static func readName(
    _ cursor: inout ByteCursor, index: Int
  ) throws(GGUFProblem) -> String {
    let length = try cursor.integer(UInt64.self)
    guard length > 0 else { throw .tensorNameEmpty(index: index) }
    guard length <= 63 else { throw .tensorNameTooLong(index: index, bytes: length) }
    guard let range = cursor.skip(length) else {
      throw .tensorNamePastEnd(index: index, bytes: length)
    }
    guard let name = String(validating: cursor.bytes[range], as: UTF8.self) else {
      throw .tensorNameNotUTF8(index: index)
    }
    return name
  }

  private static func readType(
    _ cursor: inout ByteCursor, tensor: String
  ) throws(GGUFProblem) -> StoredType {
    let code = try cursor.integer(UInt32.self)
    do throws(GGUFTypeProblem) {
      return try StoredType(ggufCode: code)
    } catch {
      throw switch error {
      case .unknown(let code): .unknownTensorType(tensor: tensor, code: code)
      case .removed(let name): .removedTensorType(tensor: tensor, name: name)
      }
    }
  }
}
