import Synchronization

/// How far a change of attention's outputs moves the residual stream: the squared length of `W δ` is
/// `δᵀ G δ` with `G = Wᵀ W`, of the columns of the output projection that a KV head's query heads go
/// through.
///
/// Of models that normalise what attention adds, `G` holds the norm's weights; the row's own factor
/// is that of `LayerRows`. One layer is kept at a time.
public final class OutputGrams: Sendable {
  /// The matrix of one KV head, of the layer that was asked for last.
  private final class Slot: Sendable {
    let kept = Mutex<(layer: Int, gram: [Float])?>(nil)
  }

  private let model: Model
  private let kernels: Kernels
  /// One for each KV head.
  private let slots: [Slot]

  public init(of model: Model, kernels: Kernels) {
    self.model = model
    self.kernels = kernels
    slots = (0..<model.spec.kvHeadCount).map { _ in Slot() }
  }

  /// Columns that a KV head's query heads have.
  public var size: Int { model.spec.groupSize * model.spec.headDim }

  /// `G` of a KV head, (size, size).
  public func gram(layer: Int, kvHead: Int) -> [Float] {
    slots[kvHead].kept.withLock { kept in
      if let kept, kept.layer == layer { return kept.gram }
      let gram = compute(layer: layer, kvHead: kvHead)
      kept = (layer, gram)
      return gram
    }
  }

  /// Rows of the matrix that are widened together.
  private static let block = 16

  private func compute(layer: Int, kvHead: Int) -> [Float] {
    let size = size
    let weights = model.layers[layer]
    let scratch = Buffer(bytes: 0)
    let scale = model.spec.residualScale
    var gram = [Float](repeating: 0, count: size * size)
    var row = 0
    gram.withUnsafeMutableBufferPointer { gram in
      guard let gram = gram.baseAddress else { return }
      for part in weights.attentionOutput.matrix.parts {
        for first in stride(from: 0, to: part.rows, by: Self.block) {
          let range = first..<min(first + Self.block, part.rows)
          let rows = part.widened(range, of: model.checkpoint, in: scratch)
          for index in 0..<range.count {
            let columns = rows + index * part.columns + kvHead * size
            let factor = scale * (weights.afterAttentionNorm?.weight[row] ?? 1)
            for i in 0..<size {
              kernels.addScaled(
                columns, columns[i] * factor * factor, to: gram + i * size, count: size)
            }
            row += 1
          }
        }
      }
    }
    return gram
  }
}
