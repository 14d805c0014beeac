import CKernels
import ModelFiles

/// The one forward pass: all layers over a batch of chunks, offering attention to a recorder.
///
/// Layer by layer, so that each layer's weights are read once a batch. Results do not depend on
/// the number of threads or on how chunks are grouped into batches.
public struct ForwardPass: Sendable {
  public let model: Model
  public let kernels: Kernels
  public let precision: Precision
  public let pool: WorkerPool

  public init(model: Model, kernels: Kernels, precision: Precision, pool: WorkerPool) {
    self.model = model
    self.kernels = kernels
    self.precision = precision
    self.pool = pool
  }

  /// Bytes that a batch needs beside the mapped weights, a chunk of it at a time.
  public func bytesPerChunk(length: Int) -> Int {
    Activations.bytesPerChunk(
      spec: model.spec, kernels: kernels, precision: precision, length: length)
  }

  /// Runs the batch.
  ///
  /// - Parameters:
  ///   - recorder: offered keys and attention rows as its positions ask; `nil` for logits alone.
  ///   - logits: positions whose logits are returned.
  ///   - progress: called after each layer with the layers done; returning `false` stops the pass.
  /// - Returns: logits, (chunk, row, vocabulary), empty for `.none`; `nil` where `progress` stopped
  ///   the pass.
  /// - Throws: `InferenceError.tokenOutOfRange`, `.nonFiniteWeights`, and what the recorder throws
  ///   when it is asked for its workers.
  public func run(
    _ batch: TokenBatch, recorder: (any AttentionRecorder)?, logits: LogitRows = .none,
    progress: (Int) -> Bool = { _ in true }
  ) throws -> [Float]? {
    let spec = model.spec
    var stage = Activations(
      spec: spec, kernels: kernels, precision: precision, pool: pool, batch: batch)
    let products = ProductStage(
      checkpoint: model.checkpoint, kernels: kernels, pool: pool, number: stage.number)
    let attention = try AttentionStage(
      spec: spec, kernels: kernels, pool: pool, batch: batch, recorder: recorder,
      number: stage.number)
    try stage.embed(batch, model: model)

    let last = spec.layerCount - 1
    for (index, layer) in model.layers.enumerated() {
      if index < last { model.prefetch(layer: index + 1) }
      if index == last {
        let rows = rows(of: batch, recorder: recorder, logits: logits)
        try lastLayer(layer, rows: rows, needsOutput: logits, &stage, products, attention)
      } else {
        stage.normalize(by: layer.attentionNorm)
        try products.project(
          layer, [.query, .key, .value], from: stage.normed, to: stage.projected, rows: stage.rows)
        attention.run(
          layer: index, queries: stage.queries, keys: stage.keys, values: stage.values,
          output: stage.attended, positions: stage.allPositions)
        try feedForward(layer, &stage, products)
      }
      if !progress(index + 1) { return nil }
    }
    return try self.logits(logits, &stage, products)
  }

  /// x += attention output, then x += feed-forward of x.
  private func feedForward(
    _ layer: LayerWeights, _ stage: inout Activations, _ products: ProductStage
  ) throws(InferenceError) {
    try products.add(
      layer.attentionOutput, from: stage.attended, to: stage.hidden, rows: stage.rows)
    stage.normalize(by: layer.feedForwardNorm)
    try products.gate(layer.gateUp, from: stage.normed, to: stage.inner, rows: stage.rows)
    try products.add(layer.down, from: stage.inner, to: stage.hidden, rows: stage.rows)
  }

  /// Keys of all positions, but queries, output and feed-forward only of `rows`.
  private func lastLayer(
    _ layer: LayerWeights, rows: [Int], needsOutput logits: LogitRows,
    _ stage: inout Activations, _ products: ProductStage, _ attention: AttentionStage
  ) throws(InferenceError) {
    var needsOutput = true
    if case .none = logits { needsOutput = false }
    stage.normalize(by: layer.attentionNorm)
    try products.project(
      layer, needsOutput ? [.key, .value] : [.key], from: stage.normed, to: stage.keyColumns,
      rows: stage.rows)
    let keys = stage.keys
    let values = stage.values
    stage.narrow(to: rows)
    try products.project(
      layer, [.query], from: stage.normed, to: stage.projected, rows: stage.rows)
    attention.run(
      layer: model.spec.layerCount - 1, queries: stage.queries, keys: keys,
      values: needsOutput ? values : nil, output: stage.attended, positions: rows)
    if needsOutput { try feedForward(layer, &stage, products) }
  }

  /// Positions that the last layer must compute queries for.
  private func rows(
    of batch: TokenBatch, recorder: (any AttentionRecorder)?, logits: LogitRows
  ) -> [Int] {
    let recorded = recorder?.queryPositions ?? []
    switch logits {
    case .none: return recorded
    case .last: return Set(recorded + [batch.length - 1]).sorted()
    case .all: return Array(0..<batch.length)
    }
  }

  private func logits(
    _ rows: LogitRows, _ stage: inout Activations, _ products: ProductStage
  ) throws(InferenceError) -> [Float] {
    switch rows {
    case .none: return []
    case .last: stage.narrow(to: [stage.positions.count - 1])
    case .all: break
    }
    stage.normalize(by: model.finalNorm)
    let columns = model.output.columns(panelWidth: kernels.panelWidth)
    let layout = RowLayout(columns: columns, elementSize: 4, panelWidth: kernels.panelWidth)
    let output = Buffer(bytes: stage.rows * layout.bytesPerRow)
    try products.store(
      model.output, biases: [nil], from: stage.normed,
      to: Rows(base: output.bytes, layout: layout), rows: stage.rows)
    let vocabulary = model.spec.vocabularySize
    return (0..<stage.rows).flatMap { row in
      UnsafeBufferPointer(start: output.floats + row * layout.stride, count: vocabulary)
    }
  }
}
