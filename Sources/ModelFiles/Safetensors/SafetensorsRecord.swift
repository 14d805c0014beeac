/// One tensor as a safetensors header describes it.
struct SafetensorsRecord {
  private let name: String
  private let type: StoredType
  private let shape: [Int]
  private let begin: Int
  private let end: Int

  init(_ name: String, _ value: JSONNode) throws(SafetensorsProblem) {
    self.name = name
    guard !name.utf8.contains(0) else { throw .nameHoldsNUL(tensor: name) }
    guard value.kind == .object else { throw .tensorNotAnObject(tensor: name) }
    type = try Self.type(value["dtype"], tensor: name)
    shape = try Self.shape(value["shape"], tensor: name)
    (begin, end) = try Self.offsets(value["data_offsets"], tensor: name)
    guard begin <= end else { throw .endBeforeBegin(tensor: name, begin: begin, end: end) }
    guard let elements = TensorInfo.elementCount(shape) else { throw .sizeOverflow(tensor: name) }
    guard elements % type.elementsPerBlock == 0 else { throw .notWholeBytes(tensor: name) }
    guard let needed = type.byteCount(elements: elements) else {
      throw .sizeOverflow(tensor: name)
    }
    guard end - begin == needed else {
      throw .wrongSize(tensor: name, declared: end - begin, needed: needed)
    }
  }

  /// The tensor's place in a file whose tensor data begin at `dataStart`.
  func tensor(dataStart: Int, file: Int) throws(SafetensorsProblem) -> TensorInfo {
    let (_, overflow) = end.addingReportingOverflow(dataStart)
    guard !overflow else { throw .sizeOverflow(tensor: name) }
    return TensorInfo(
      name: name, type: type, shape: shape, file: file, offset: begin + dataStart,
      byteCount: end - begin)
  }

  private static func type(
    _ node: JSONNode?, tensor: String
  ) throws(SafetensorsProblem) -> StoredType {
    guard let node else { throw .missingField(tensor: tensor, field: "dtype") }
    guard let dtype = node.string else { throw .dtypeNotAString(tensor: tensor) }
    guard let type = StoredType(safetensorsName: dtype) else {
      throw .unknownDtype(tensor: tensor, dtype: dtype)
    }
    return type
  }

  private static func shape(
    _ node: JSONNode?, tensor: String
  ) throws(SafetensorsProblem) -> [Int] {
    guard let node else { throw .missingField(tensor: tensor, field: "shape") }
    guard node.kind == .array else { throw .shapeNotAnArray(tensor: tensor) }
    let rank = node.count
    guard rank <= 8 else { throw .rankTooHigh(tensor: tensor, rank: rank) }
    var shape: [Int] = []
    for (axis, element) in node.elements.enumerated() {
      guard let dimension = element.int, dimension >= 0 else {
        throw .badDimension(tensor: tensor, axis: axis)
      }
      shape.append(dimension)
    }
    return shape
  }

  private static func offsets(
    _ node: JSONNode?, tensor: String
  ) throws(SafetensorsProblem) -> (begin: Int, end: Int) {
    guard let node else { throw .missingField(tensor: tensor, field: "data_offsets") }
    guard node.kind == .array, node.count == 2 else { throw .offsetsNotAPair(tensor: tensor) }
    let elements = node.elements
    guard let begin = elements[0].int, begin >= 0 else {
      throw .badOffset(tensor: tensor, index: 0)
    }
    guard let end = elements[1].int, end >= 0 else { throw .badOffset(tensor: tensor, index: 1) }
    return (begin, end)
  }
}
