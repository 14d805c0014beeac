/// A worker's recorder that takes queries, keys and values themselves besides attention rows.
public protocol VectorRecorder: KVHeadRecorder {
  /// Offers the vectors of the KV head that has just begun, before its attention rows.
  func take(_ vectors: KVHeadVectors)
}

/// Vectors of one KV head of one layer and chunk, valid during the call that offers them.
public struct KVHeadVectors {
  /// One a position of the chunk.
  public let keys: HeadVectors
  /// One a position of the chunk; `nil` in a last layer whose values nobody needs.
  public let values: HeadVectors?
  /// For each query head of the KV head, one a position that the layer computes queries for: all of
  /// them, or in the last layer those that are recorded.
  public let queries: [HeadVectors]
}

/// The vectors of one head at ascending positions, where the pass keeps them.
public struct HeadVectors {
  let base: UnsafePointer<Float>
  /// Elements from one vector to the next.
  let stride: Int
  let positions: [Int]
  /// Elements of a vector.
  let size: Int
  /// `nil` where the layer rotates nothing.
  let rotary: RotaryTable?

  /// Vectors.
  public var count: Int { positions.count }

  /// Copies the vectors as they are before the rotation, (count, headDim).
  public func copy(to target: UnsafeMutableBufferPointer<Float>) {
    for row in 0..<count {
      for column in 0..<size { target[row * size + column] = base[row * stride + column] }
    }
  }

  /// Copies the vectors as the rotation leaves them, (count, headDim).
  public func copyRotated(to target: UnsafeMutableBufferPointer<Float>) {
    copy(to: target)
    guard let rotary else { return }
    let half = rotary.dimension / 2
    for (row, position) in positions.enumerated() {
      let cosines = rotary.cosines(from: position)
      let sines = rotary.sines(from: position)
      let vector = base + row * stride
      for pair in 0..<half {
        let (first, second) = (vector[pair], vector[pair + half])
        target[row * size + pair] = first * cosines[pair] - second * sines[pair]
        target[row * size + pair + half] = second * cosines[pair] + first * sines[pair]
      }
    }
  }
}
