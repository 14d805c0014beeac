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
    let experts = ExpertStage(
      spec: spec, kernels: kernels, pool: pool, number: stage.number, rows: stage.rows)
    try stage.embed(batch, model: model)

    let last = spec.layerCount - 1
    for (index, layer) in model.layers.enumerated() {
      if index < last { model.prefetch(layer: index + 1) }
      if index == last {
        let rows = rows(of: batch, recorder: recorder, logits: logits)
        try lastLayer(
          layer, rows: rows, needsOutput: logits, needsValues: recorder?.takesValues ?? false,
          &stage, products, attention, experts)
      } else {
        stage.normalize(by: layer.attentionNorm)
        try products.project(
          [layer.query, layer.key, layer.value], from: stage.normed, to: stage.projected,
          rows: stage.rows)
        stage.normalizeHeads(stage.queries, rows: stage.rows, by: layer.queryNorm)
        stage.normalizeHeads(stage.keys, rows: stage.rows, by: layer.keyNorm)
        attention.run(
          layer: index, queries: stage.queries, keys: stage.keys, values: stage.values,
          output: stage.attended, positions: stage.positions)
        try finish(layer, &stage, products, experts)
      }
      if !progress(index + 1) { return nil }
    }
    return try self.logits(logits, &stage, products)
  }

  /// x += attention output, then x += feed-forward of x; or both of the same x.
  private func finish(
    _ layer: LayerWeights, _ stage: inout Activations, _ products: ProductStage,
    _ experts: ExpertStage
  ) throws(InferenceError) {
    let spec = model.spec
    if !spec.isParallel {
      try add(layer.attentionOutput, of: stage.attended, layer.afterAttentionNorm, stage, products)
      stage.normalize(by: layer.feedForwardNorm)
    } else if let norm = layer.feedForwardNorm {
      stage.normalize(by: norm)
    }
    switch layer.feedForward {
    case .dense(let dense):
      try products.activate(
        dense.input, spec.activation, from: stage.normed, to: stage.inner, rows: stage.rows)
      if spec.isParallel {
        try add(
          layer.attentionOutput, of: stage.attended, layer.afterAttentionNorm, stage, products)
      }
      try add(dense.down, of: stage.inner, layer.afterFeedForwardNorm, stage, products)
    case .experts(let mixture):
      try experts.run(mixture, from: stage.normed, to: stage.hidden, rows: stage.rows, products)
    }
  }

  /// x += residual scale · norm(input · matrixᵀ + bias).
  private func add(
    _ weights: LayerWeights.BiasedMatrix, of input: Rows, _ norm: LayerWeights.NormWeights?,
    _ stage: Activations, _ products: ProductStage
  ) throws(InferenceError) {
    if norm == nil, model.spec.residualScale == 1 {
      try products.add(weights, from: input, to: stage.hidden, rows: stage.rows)
    } else {
      try products.store(
        weights.matrix, biases: weights.biases, from: input, to: stage.branch, rows: stage.rows)
      stage.addBranch(normalizedBy: norm)
    }
  }

  /// Keys of all positions, but queries, output and feed-forward only of `rows`.
  private func lastLayer(
    _ layer: LayerWeights, rows: [Int], needsOutput logits: LogitRows, needsValues: Bool,
    _ stage: inout Activations, _ products: ProductStage, _ attention: AttentionStage,
    _ experts: ExpertStage
  ) throws(InferenceError) {
    var needsOutput = true
    if case .none = logits { needsOutput = false }
    let needsValues = needsValues || needsOutput
    stage.normalize(by: layer.attentionNorm)
    try products.project(
      needsValues ? [layer.key, layer.value] : [layer.key], from: stage.normed,
      to: stage.keys, rows: stage.rows)
    let keys = stage.keys
    let values = stage.values
    stage.normalizeHeads(keys, rows: stage.rows, by: layer.keyNorm)
    stage.narrow(to: rows)
    try products.project(
      [layer.query], from: stage.normed, to: stage.projected, rows: stage.rows)
    stage.normalizeHeads(stage.queries, rows: stage.rows, by: layer.queryNorm)
    attention.run(
      layer: model.spec.layerCount - 1, queries: stage.queries, keys: keys,
      values: needsValues ? values : nil, output: stage.attended, positions: rows)
    if needsOutput { try finish(layer, &stage, products, experts) }
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
    let spec = model.spec
    let columns = model.output.matrix.columns(panelWidth: kernels.panelWidth)
    let layout = RowLayout(columns: columns, elementSize: 4, panelWidth: kernels.panelWidth)
    let output = Buffer(bytes: stage.rows * layout.bytesPerRow)
    try products.store(
      model.output.matrix, biases: model.output.biases, from: stage.normed,
      to: Rows(base: output.bytes, layout: layout), rows: stage.rows)
    let vocabulary = spec.vocabularySize
    return (0..<stage.rows).flatMap { row in
      let values = output.floats + row * layout.stride
      if let cap = spec.logitSoftCap {
        kernels.table.pointee.soft_cap(values, spec.logitScale, cap, vocabulary)
      } else if spec.logitScale != 1 {
        kernels.table.pointee.multiply(values, spec.logitScale, values, vocabulary)
      }
      return UnsafeBufferPointer(start: values, count: vocabulary)
    }
  }
}
