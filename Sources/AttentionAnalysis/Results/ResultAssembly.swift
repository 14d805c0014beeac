extension RunAccumulator {
  /// The result of the run: means over chunks in the order of their indices, and their errors.
  ///
  /// - Throws: `MeasurementError` where no chunk was added, or one lacks records.
  public func result(
    tool: String, model: ModelSummary, corpus: CorpusSummary, protocolSummary: ProtocolSummary
  ) throws(MeasurementError) -> AnalysisResult {
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
    let recommendation = Recommendation(
      kvHeads: sums(values, shape.kvHeads, \.kvHeads),
      heads: shape.groupSize == 1 ? nil : sums(values, shape.heads, \.heads))
    return AnalysisResult(
      tool: tool, model: model, corpus: corpus, protocolSummary: protocolSummary, heads: heads,
      kvHeads: kvHeads, layers: layers, recommendation: recommendation,
      arrays: arrays(order: order, values: values))
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
    _ values: [ChunkValues], _ heads: Int, _ rows: KeyPath<ChunkValues, [HeadValues]>
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
    var foldChunks = [Double](repeating: 0, count: Self.foldCount)
    for chunk in order { foldChunks[chunk % Self.foldCount] += 1 }

    func perChunk(_ heads: Int, _ value: (ChunkValues) -> [Double]) -> NumericArray {
      NumericArray(shape: [values.count, layers, heads], values: values.flatMap(value))
    }
    func curves(_ sums: [Int64], _ heads: Int) -> NumericArray {
      let foldSize = layers * heads * curvePointCount
      let means = sums.indices.map { i in
        let chunks = foldChunks[i / foldSize]
        return chunks == 0 ? Double.nan : Double(sums[i]) / (FixedPoint.lossScale * chunks)
      }
      return NumericArray(shape: [Self.foldCount, layers, heads, curvePointCount], values: means)
    }
    func positions(_ sums: [Int64], _ heads: Int, scale: Double) -> NumericArray {
      let n = shape.chunkLength
      let means = sums.indices.map { i in
        let first = n - shape.candidates(layer: i / (heads * n))
        return i % n < first ? Double.nan : Double(sums[i]) / (scale * Double(values.count))
      }
      return NumericArray(shape: [layers, heads, n], values: means)
    }
    return ResultArrays(
      alr: perChunk(shape.heads) { $0.heads.map(\.alr) },
      randomALR: perChunk(shape.heads) { $0.heads.map(\.randomALR) },
      spearman: perChunk(shape.heads) { $0.heads.map(\.spearman) },
      kvALR: perChunk(shape.kvHeads) { $0.kvHeads.map(\.alr) },
      kvRandomALR: perChunk(shape.kvHeads) { $0.kvHeads.map(\.randomALR) },
      attentionLoss: curves(attentionLoss, shape.heads),
      referenceLoss: curves(referenceLoss, shape.heads),
      kvAttentionLoss: curves(kvAttentionLoss, shape.kvHeads),
      kvReferenceLoss: curves(kvReferenceLoss, shape.kvHeads),
      foldChunks: NumericArray(shape: [Self.foldCount], values: foldChunks),
      keyNormMean: positions(keyNorms, shape.kvHeads, scale: FixedPoint.normScale),
      attentionMean: positions(attention, shape.heads, scale: FixedPoint.lossScale))
  }
}

extension Measures {
  /// Means over chunks, in order; Spearman over those chunks where it is defined.
  init(_ chunks: [RunAccumulator.HeadValues]) {
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
