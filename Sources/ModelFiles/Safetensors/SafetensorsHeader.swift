/// The header of one safetensors file: where its tensors lie.
///
/// Eight bytes of length, a JSON object of that length, then the tensors' bytes, which must fill
/// the rest of the file without gap or overlap.
struct SafetensorsHeader {
  /// By offset.
  let tensors: [TensorInfo]
  /// Bytes before the tensor data.
  let byteCount: Int
  /// What `__metadata__` says, in its order.
  let metadata: [(key: String, value: String)]

  /// Reads `file`, the `index`-th of its checkpoint.
  init(_ file: MappedFile, index: Int) throws(SafetensorsProblem) {
    let text = try file.withBytes { (bytes) throws(SafetensorsProblem) in try Self.text(bytes) }
    byteCount = text.upperBound
    var (tensors, metadata) = try Self.parse(text, of: file, index: index)
    self.metadata = metadata
    // A tensor without bytes sorts before the one that starts where it lies.
    tensors.sort { ($0.offset, $0.byteCount) < ($1.offset, $1.byteCount) }
    try Self.checkLayout(tensors, dataStart: text.upperBound, end: file.count)
    self.tensors = tensors
  }

  /// Where the JSON text lies, padding included.
  private static func text(
    _ bytes: UnsafeRawBufferPointer
  ) throws(SafetensorsProblem) -> Range<Int> {
    guard bytes.count >= 8 else { throw .tooShort(bytes: bytes.count) }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= 100_000_000 else { throw .headerTooLong(bytes: length) }
    guard length <= UInt64(bytes.count - 8) else {
      throw .headerPastEnd(bytes: length, remaining: bytes.count - 8)
    }
    return 8..<8 + Int(length)
  }

  private static func parse(
    _ text: Range<Int>, of file: MappedFile, index: Int
  ) throws(SafetensorsProblem) -> (tensors: [TensorInfo], metadata: [(String, String)]) {
    let document: JSONDocument
    do {
      document = try file.withBytes { (bytes) throws(JSONError) in
        try JSONDocument(
          parsing: UnsafeRawBufferPointer(rebasing: bytes[text]),
          limits: JSONLimits(trailing: .spaces))
      }
    } catch {
      throw .headerNotJSON(error)
    }
    guard document.root.kind == .object else { throw .headerNotAnObject }
    // The document has a copy of its own.
    file.advise(.dontNeed, text)
    var metadata: [(String, String)] = []
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(document.root.count)
    var problem: SafetensorsProblem?
    document.root.forEachMember { key, value in
      guard problem == nil else { return }
      do throws(SafetensorsProblem) {
        if key.elementsEqual("__metadata__".utf8) {
          metadata = try readMetadata(value)
        } else {
          let record = try SafetensorsRecord(String(decoding: key, as: UTF8.self), value)
          tensors.append(try record.tensor(dataStart: text.upperBound, file: index))
        }
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return (tensors, metadata)
  }

  private static func readMetadata(
    _ metadata: JSONNode
  ) throws(SafetensorsProblem) -> [(String, String)] {
    guard !metadata.isNull else { return [] }
    guard metadata.kind == .object else { throw .badMetadata(key: "__metadata__") }
    var members: [(String, String)] = []
    var problem: SafetensorsProblem?
    metadata.forEachMember { key, value in
      guard problem == nil else { return }
      let key = String(decoding: key, as: UTF8.self)
      if let text = value.string {
        members.append((key, text))
      } else {
        problem = .badMetadata(key: key)
      }
    }
    if let problem { throw problem }
    return members
  }

  /// `tensors` are sorted by offset.
  private static func checkLayout(
    _ tensors: [TensorInfo], dataStart: Int, end: Int
  ) throws(SafetensorsProblem) {
    var expected = dataStart
    var previous: TensorInfo?
    for tensor in tensors {
      if tensor.offset > expected {
        guard let previous else {
          throw .firstOffsetNotZero(tensor: tensor.name, begin: tensor.offset - dataStart)
        }
        throw .gap(
          after: previous.name, before: tensor.name, bytes: tensor.offset - expected)
      }
      if tensor.offset < expected, let previous {
        throw previous.byteRange == tensor.byteRange
          ? .alias(previous.name, tensor.name) : .overlap(previous.name, tensor.name)
      }
      guard tensor.byteRange.upperBound <= end else {
        throw .dataPastEnd(
          tensor: tensor.name, end: tensor.byteRange.upperBound - dataStart,
          available: end - dataStart)
      }
      expected = tensor.byteRange.upperBound
      previous = tensor
    }
    guard expected == end else { throw .trailingBytes(count: end - expected) }
  }
}
