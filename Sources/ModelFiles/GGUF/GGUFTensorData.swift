/// The part of a GGUF file that holds the tensors' bytes.
struct GGUFTensorData {
  /// Where it starts, aligned; behind `end` where the file holds no tensor data at all.
  let start: Int
  /// The end of the file.
  let end: Int
  let alignment: Int

  /// Gives a record its place in the file: aligned, and whole inside this part.
  func place(_ record: GGUFTensorRecord, file: Int) throws(GGUFProblem) -> TensorInfo {
    guard record.offset % UInt64(alignment) == 0 else {
      throw .offsetUnaligned(tensor: record.name, offset: record.offset, alignment: alignment)
    }
    guard let relative = Int(exactly: record.offset), start <= end, relative <= end - start,
      record.byteCount <= end - start - relative
    else { throw .tensorPastEnd(tensor: record.name) }
    return TensorInfo(
      name: record.name, type: record.type, shape: record.shape, file: file,
      offset: start + relative, byteCount: record.byteCount)
  }

  /// Tensors may have gaps between them but share no byte; `tensors` are sorted by offset.
  static func checkOverlap(_ tensors: [TensorInfo]) throws(GGUFProblem) {
    for (earlier, later) in zip(tensors, tensors.dropFirst())
    where earlier.byteRange.upperBound > later.offset {
      throw .tensorsOverlap(earlier.name, later.name)
    }
  }
}
