import CKernels
import ModelFiles

/// The one forward pass: rows go through all layers, and what a recorder asks for is offered to it.
///
/// Layer by layer, so that each layer's weights are read once for all rows. A row's numbers do not
/// depend on the number of threads, nor on what other rows go with it: a text gives the same whole,
/// in pieces, and beside others, as long as weights are read in the same way.
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

  /// Runs rows through the layers; their keys and values are appended to the cache.
  ///
  /// - Parameters:
  ///   - rows: what goes through; the positions of a span follow those that its sequence has in
  ///     the cache.
  ///   - cache: holds the sequences of `rows`.
  ///   - recorder: offered what it requests. Where nobody asks for logits and no cache is kept, the
  ///     pass ends with the last layer that it wants anything of.
  ///   - logits: which are computed, and who takes them.
  ///   - weights: how products read weights; `.stored` for few rows.
  ///   - progress: called after each layer with the layers done; returning `false` stops the pass.
  /// - Returns: `false` where `progress` stopped the pass.
  /// - Throws: `InferenceError.tokenOutOfRange`, `.nonFiniteWeights`, `.noOutput`, and what the recorder throws
  ///   when it is asked for its workers.
  @discardableResult
  public func run(
    _ rows: PassRows, cache: KVCache, workspace: PassWorkspace,
    recorder: (any AttentionRecorder)? = nil, logits: LogitRequest? = nil,
    weights: WeightReading = .packed, progress: (Int) -> Bool = { _ in true }
  ) throws -> Bool {
    precondition(
      recorder == nil || !rows.areShifted, "recorded vectors are rotated by their positions")
    // Before anything is computed for it.
    if logits != nil, !model.predictsTokens { throw InferenceError.noOutput }
    workspace.products.reading = weights
    let recording = try recorder.map { try RecordingPass($0, workers: pool.count) }
    try workspace.activations.embed(rows, model: model)
    cache.rotaries.prepare(
      positions: rows.angles, length: cache.length ?? rows.length,
      isFinal: cache.length != nil)
    let last = lastLayer(recording, cache, logits)
    for index in 0...last {
      // Behind a first pass the weights have been read: asking again costs a token more than it
      // can win.
      if index < last, weights == .packed || !workspace.hasRead { model.prefetch(layer: index + 1) }
      let recording = recording.flatMap { $0.request.takes(layer: index) ? $0 : nil }
      // Only the last layer's queries and output are needed of some rows alone.
      let needs =
        index < last
        ? LayerNeeds(values: true, output: true)
        : LayerNeeds(
          values: logits != nil || cache.mode == .kept
            || recording?.request.parts.contains(.values) ?? false,
          output: logits != nil || recording?.takesResiduals ?? false,
          rows: lastRows(recording, logits))
      try run(layer: index, needs, recording, cache, workspace)
      if !progress(index + 1) { return false }
    }
    workspace.hasRead = true
    if let logits { try hand(logits, workspace) }
    return true
  }

  /// The last layer that anything is needed of.
  private func lastLayer(
    _ recording: RecordingPass?, _ cache: KVCache, _ logits: LogitRequest?
  ) -> Int {
    let all = model.layers.count - 1
    guard logits == nil, cache.mode == .transient, let layers = recording?.request.layers else {
      return all
    }
    return min(all, max(0, layers.max() ?? 0))
  }

  /// The parts of a layer that somebody needs.
  private struct LayerNeeds {
    let values: Bool
    let output: Bool
    /// Rows whose queries and output are needed; `nil` for all.
    var rows: ((_ span: ActiveRows.Span, _ position: Int) -> Bool)?
  }

  private func lastRows(
    _ recording: RecordingPass?, _ logits: LogitRequest?
  ) -> ((ActiveRows.Span, Int) -> Bool)? {
    let recorded = recording?.queries ?? []
    switch logits?.rows {
    case .all: return nil
    case .last:
      return { span, position in recorded.contains(position) || position == span.positions.last }
    case nil: return { _, position in recorded.contains(position) }
    }
  }

  /// One layer: keys and values of all rows, queries and what follows of the rows that are needed.
  private func run(
    layer index: Int, _ needs: LayerNeeds, _ recording: RecordingPass?, _ cache: KVCache,
    _ workspace: PassWorkspace
  ) throws(InferenceError) {
    let layer = model.layers[index]
    let stage = workspace.activations
    let products = workspace.products
    let all = stage.active
    let keysAndValues = needs.values ? [layer.key, layer.value] : [layer.key]
    stage.normalize(by: layer.attentionNorm)
    if needs.rows == nil {
      try products.project(
        [layer.query] + keysAndValues, from: stage.normed, to: stage.projected, rows: all.count)
    } else {
      try products.project(keysAndValues, from: stage.normed, to: stage.keys, rows: all.count)
    }
    stage.normalizeHeads(stage.keys, rows: all.count, by: layer.keyNorm)
    let values = needs.values ? stage.values : nil
    workspace.attention.append(
      layer: index, rows: all, keys: stage.keys, values: values, to: cache)
    if let rows = needs.rows {
      stage.narrow(to: rows)
      try products.project(
        [layer.query], from: stage.normed, to: stage.projected, rows: stage.rows)
    }
    stage.normalizeHeads(stage.queries, rows: stage.rows, by: layer.queryNorm)
    let spec = model.spec
    let feed = recording.map { recording in
      RecorderFeed(
        layer: index, recording: recording, spec: spec, kernels: kernels,
        vectors: .init(
          queries: stage.queries, queryRows: stage.active, keys: stage.keys, values: values,
          keyRows: all,
          rotary: cache.rotation(ofLayer: index)))
    }
    workspace.attention.run(
      layer: index, rows: stage.active, queries: stage.queries,
      output: needs.output ? stage.attended : nil, cache: cache, feed: feed)
    var residuals = recording.flatMap {
      $0.takesResiduals ? stage.residuals(layer: index, at: $0.positions) : nil
    }
    if needs.output {
      try finish(layer, stage, products, workspace.experts) {
        if let recording, residuals != nil {
          stage.noteBranch(&residuals, at: recording.positions)
        }
      }
    }
    if let residuals { recording?.finish(residuals) }
  }

  /// x += attention output, then x += feed-forward of x; or both of the same x.
  private func finish(
    _ layer: LayerWeights, _ stage: Activations, _ products: ProductStage,
    _ experts: ExpertStage, onAttentionBranch: () -> Void
  ) throws(InferenceError) {
    let spec = model.spec
    if !spec.isParallel {
      try add(
        layer.attentionOutput, of: stage.attended, layer.afterAttentionNorm, stage, products,
        onBranch: onAttentionBranch)
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
          layer.attentionOutput, of: stage.attended, layer.afterAttentionNorm, stage, products,
          onBranch: onAttentionBranch)
      }
      try add(dense.down, of: stage.inner, layer.afterFeedForwardNorm, stage, products)
    case .experts(let mixture):
      try experts.run(mixture, from: stage.normed, to: stage.hidden, rows: stage.rows, products)
    }
  }

  /// x += residual scale · norm(input · matrixᵀ + bias).
  ///
  /// - Parameter onBranch: called with the sum in the branch, where a norm follows.
  private func add(
    _ weights: LayerWeights.BiasedMatrix, of input: Rows, _ norm: LayerWeights.NormWeights?,
    _ stage: Activations, _ products: ProductStage, onBranch: () -> Void = {}
  ) throws(InferenceError) {
    if norm == nil, model.spec.residualScale == 1 {
      try products.add(weights, from: input, to: stage.hidden, rows: stage.rows)
    } else {
      try products.store(
        weights.matrix, biases: weights.biases, from: input, to: stage.branch, rows: stage.rows)
      if norm != nil { onBranch() }
      stage.addBranch(normalizedBy: norm)
    }
  }

  /// Bytes of logits at a time, and rows at least: packing the weights anew for a few rows would
  /// take longer than multiplying by them.
  private static let logitBytes = 64 << 20
  private static let logitRows = 64

  /// Computes logits a block of rows at a time, and hands them over.
  private func hand(
    _ request: LogitRequest, _ workspace: PassWorkspace
  ) throws(InferenceError) {
    guard let weights = model.output else { throw .noOutput }
    let stage = workspace.activations
    if case .last = request.rows {
      stage.narrow { span, position in position == span.positions.last }
    }
    stage.normalize(by: model.finalNorm)
    let spec = model.spec
    let columns = weights.matrix.columns(panelWidth: kernels.panelWidth)
    let layout = RowLayout(columns: columns, elementSize: 4, panelWidth: kernels.panelWidth)
    let block = max(Self.logitRows, Self.logitBytes / layout.bytesPerRow)
    workspace.logits.grow(to: min(block, stage.rows) * layout.bytesPerRow)
    let output = workspace.logits
    let owners = stage.active.spans.flatMap { span in
      span.positions.map { LogitBlock.Owner(sequence: span.sequence, position: $0) }
    }
    let vocabulary = spec.vocabularySize
    for first in stride(from: 0, to: stage.rows, by: block) {
      let count = min(block, stage.rows - first)
      try workspace.products.store(
        weights.matrix, biases: weights.biases,
        from: Rows(base: stage.normed.from(row: first), layout: stage.normed.layout),
        to: Rows(base: output.bytes, layout: layout), rows: count)
      for row in 0..<count {
        let values = output.floats + row * layout.stride
        if let cap = spec.logitSoftCap {
          kernels.table.pointee.soft_cap(values, spec.logitScale, cap, vocabulary)
        } else if spec.logitScale != 1 {
          kernels.table.pointee.multiply(values, spec.logitScale, values, vocabulary)
        }
      }
      request.sink.take(
        LogitBlock(
          base: output.floats, stride: layout.stride, vocabulary: vocabulary,
          owners: owners[first..<first + count], pool: pool))
    }
  }
}
