/// The tensors of a checkpoint, in the order of their files and offsets, and by name.
public struct TensorTable: Sendable, RandomAccessCollection {
  private struct Tensors: NamedList {
    let all: [TensorInfo]

    var count: Int { all.count }

    func withName<Result>(at position: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
      var name = all[position].name
      return name.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
  }

  private let index: NameIndex<Tensors>

  /// Two tensors of one name; `second` comes later in the list.
  struct Duplicate: Error {
    let first: TensorInfo
    let second: TensorInfo
  }

  init(_ tensors: [TensorInfo]) throws(Duplicate) {
    do {
      index = try NameIndex(Tensors(all: tensors))
    } catch {
      throw Duplicate(first: tensors[error.first], second: tensors[error.second])
    }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { index.list.count }
  public subscript(position: Int) -> TensorInfo { index.list.all[position] }

  /// The tensor of exactly this name, compared by bytes; found in constant time.
  public subscript(name: String) -> TensorInfo? {
    index.position(of: name).map { index.list.all[$0] }
  }
}
