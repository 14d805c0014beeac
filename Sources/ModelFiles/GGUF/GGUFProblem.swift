/// A rule of the GGUF format that a file breaks.
public enum GGUFProblem: Error, Sendable, Equatable {
  // The header.
  case truncated(offset: Int)
  case badMagic
  case bigEndian
  case unsupportedVersion(UInt32)
  case tooManyTensors(count: UInt64, remaining: Int)
  case tooManyKeys(count: UInt64, remaining: Int)

  // Metadata.
  case keyEmpty(index: Int)
  case keyTooLong(index: Int, bytes: UInt64)
  case keyPastEnd(index: Int, bytes: UInt64)
  case keyNotUTF8(index: Int)
  case duplicateKey(String)
  case unknownValueType(key: String, code: UInt32)
  case valuePastEnd(key: String)
  case stringPastEnd(key: String, bytes: UInt64)
  case arrayPastEnd(key: String, count: UInt64)
  case arraysNestedTooDeep(key: String)
  case badBool(key: String, byte: UInt8)
  case badAlignment(Int)

  // Tensor records.
  case tensorNamePastEnd(index: Int, bytes: UInt64)
  case tensorNameEmpty(index: Int)
  case tensorNameTooLong(index: Int, bytes: UInt64)
  case tensorNameNotUTF8(index: Int)
  case badRank(tensor: String, rank: UInt32)
  case badDimension(tensor: String, axis: Int, value: UInt64)
  case sizeOverflow(tensor: String)
  case rowNotWholeBlocks(tensor: String, type: StoredType, row: Int)
  case unknownTensorType(tensor: String, code: UInt32)
  case removedTensorType(tensor: String, name: String)
  case offsetUnaligned(tensor: String, offset: UInt64, alignment: Int)
  case tensorPastEnd(tensor: String)
  case tensorsOverlap(String, String)

  // What the metadata says of the tensors and of itself.
  case wrongType(key: String, needed: String, found: GGUFValueType)
  case wrongElementType(key: String, needed: String, found: GGUFValueType)
  case wrongLength(key: String, count: Int, needed: Int, asIn: String)
  case blockCountMismatch(key: String, declared: Int, found: Int)
  case headCountZero(key: String)
  case headsDoNotDivide(key: String, value: Int, by: String, divisor: Int)

  // Files that are parts of one.
  case splitField(key: String, found: Int?, needed: Int)
  case splitTensorCount(declared: Int, found: Int)
}
