import Results

extension RunAccumulator {
  /// The result of the run: means over chunks in the order of their indices, and their errors.
  ///
  /// - Throws: `MeasurementError` where no chunk was added, or one lacks records.
  public func result(
    tool: String, model: ModelSummary, corpus: CorpusSummary, protocolSummary: ProtocolSummary
  ) throws(MeasurementError) -> AnalysisResult {
    let (order, values) = try wholeChunks()
    var heads: [HeadResult] = []
    var kvHeads: [KVHeadResult] = []
    var layers: [LayerResult] = []
    for layer in shape.layers.indices {
      for head in 0..<shape.heads {
        let column = values.map { $0.heads[layer * shape.heads + head] }
        heads.append(
          HeadResult(
            layer: layer, head: head, kvHead: head / shape.groupSize, measures: Measures(column)))
      }
      for kvHead in 0..<shape.kvHeads {
        let column = values.map { $0.kvHeads[layer * shape.kvHeads + kvHead] }
        kvHeads.append(KVHeadResult(layer: layer, kvHead: kvHead, measures: Measures(column)))
      }
      layers.append(layerResult(layer, values))
    }
    return AnalysisResult(
      tool: tool, model: model, corpus: corpus, protocolSummary: protocolSummary, heads: heads,
      kvHeads: kvHeads, layers: layers, recommendation: recommendation(values),
      arrays: arrays(order: order, values: values))
  }

  /// What a run that goes on until it is stable looks at.
  ///
  /// - Throws: as `result`.
  func check() throws(MeasurementError) -> StableRun.Check {
    let values = try wholeChunks().values
    let layers = shape.layers.indices.map { layerResult($0, values) }.filter { $0.alrRatio != nil }
    let errors = layers.compactMap(\.alrRatioSE)
    return StableRun.Check(
      chunks: values.count, answers: recommendation(values).layers.map(\.answer),
      error: errors.count == layers.count ? errors.max() ?? 0 : nil)
  }

  /// The values of all chunks in the order of their indices.
  private func wholeChunks() throws(MeasurementError) -> (order: [Int], values: [ChunkValues]) {
    let order = chunks.keys.sorted()
    var values: [ChunkValues] = []
    for chunk in order {
      guard let chunkValues = chunks[chunk] else { continue }
      if chunkValues.missing > 0 {
        throw .incompleteChunk(chunk: chunk, missing: chunkValues.missing)
      }
      values.append(chunkValues)
    }
    if values.isEmpty { throw .noChunks }
    return (order, values)
  }

  private func recommendation(_ values: [ChunkValues]) -> Recommendation {
    Recommendation(
      kvHeads: sums(values, shape.kvHeads, \.kvHeads),
      heads: shape.groupSize == 1 ? nil : sums(values, shape.heads, \.heads))
  }

  /// Each chunk's mean over the heads is one value of the layer.
  private func layerResult(_ layer: Int, _ values: [ChunkValues]) -> LayerResult {
    let heads = layer * shape.heads..<(layer + 1) * shape.heads
    let alr = values.map { chunk in chunk.heads[heads].reduce(0) { $0 + $1.alr } }
    let random = values.map { chunk in chunk.heads[heads].reduce(0) { $0 + $1.randomALR } }
    let normalized = values.map { chunk in
      chunk.heads[heads].reduce(0) { $0 + $1.alrNormalized } / Double(shape.heads)
    }
    let meanOverHeads = alr.map { $0 / Double(shape.heads) }
    return LayerResult(
      layer: layer, n: shape.candidates(layer: layer), window: shape.layers[layer].window,
      kvSource: shape.layers[layer].kvSource, alr: Statistics.mean(meanOverHeads),
      alrSE: Statistics.standardError(meanOverHeads), alrNormalized: Statistics.mean(normalized),
      alrRatio: Statistics.ratioOfSums(alr, random),
      alrRatioSE: Statistics.jackknifeError(alr, random))
  }

  /// ALR and random ALR of every layer over its heads, of which it has `heads`.
  private func sums(
    _ values: [ChunkValues], _ heads: Int, _ rows: KeyPath<ChunkValues, [ChunkValues.HeadValues]>
  ) -> [ChunkSums] {
    shape.layers.indices.map { layer in
      let range = layer * heads..<(layer + 1) * heads
      return ChunkSums(
        alr: values.map { chunk in chunk[keyPath: rows][range].reduce(0) { $0 + $1.alr } },
        random: values.map { chunk in chunk[keyPath: rows][range].reduce(0) { $0 + $1.randomALR } })
    }
  }

  private func arrays(order: [Int], values: [ChunkValues]) -> ResultArrays {
    let layers = shape.layers.count
    var foldChunks = [Int](repeating: 0, count: ResultArray.foldCount)
    for chunk in order { foldChunks[chunk % ResultArray.foldCount] += 1 }
    var arrays = ResultArrays([
      .foldChunks: NumericArray(shape: [foldChunks.count], values: foldChunks.map(Double.init)),
      .chunkIndex: NumericArray(shape: [order.count], values: order.map(Double.init)),
    ])
    for field in ChunkValues.Field.all {
      arrays[field.heads] = NumericArray(
        shape: [values.count, layers, shape.heads],
        values: values.flatMap { $0.heads.map { $0[keyPath: field.value] } })
      arrays[field.kvHeads] = NumericArray(
        shape: [values.count, layers, shape.kvHeads],
        values: values.flatMap { $0.kvHeads.map { $0[keyPath: field.value] } })
    }
    for (index, array) in SumArray.all.enumerated() where array.isMeasured(shape) {
      arrays[array.array] = array.mean(sums[index], foldChunks: foldChunks, of: shape)
    }
    return arrays
  }
}

extension Measures {
  /// Means over chunks, in order; Spearman over those chunks where it is defined.
  init(_ chunks: [ChunkValues.HeadValues]) {
    let alr = chunks.map(\.alr)
    let random = chunks.map(\.randomALR)
    self.init(
      alr: Statistics.mean(alr), alrSD: Statistics.standardDeviation(alr),
      alrSE: Statistics.standardError(alr),
      alrNormalized: Statistics.mean(chunks.map(\.alrNormalized)),
      randomALR: Statistics.mean(random), alrRatio: Statistics.ratioOfSums(alr, random),
      alrRatioSE: Statistics.jackknifeError(alr, random),
      spearman: Statistics.mean(chunks.map(\.spearman).filter { !$0.isNaN }))
  }
}
