import AttentionAnalysis
import Results
import TestSupport

/// Results of no model: plausible, consistent with one another, the same for the same seed.
enum SyntheticResult {
  /// A result whose first two layers and one in the middle are poor, as in Fig. 1, and whose last
  /// one, of more than three, cannot be told yet.
  ///
  /// `missing` heads (layer, head) have neither measures nor curves. A measured result has 8
  /// folds; fewer are made faster.
  static func make(
    layers: Int, heads: Int, kvHeads: Int? = nil, n: Int = 64, chunks: Int = 16,
    name: String = "Synthetic-1B", missing: Set<[Int]> = [], seed: UInt64 = 7,
    folds: Int = 8
  ) -> AnalysisResult {
    var random = SplitMix64(seed: seed)
    let kvHeads = kvHeads ?? heads
    let points = 101
    var loss = [Double](repeating: 0, count: folds * layers * heads * points)
    var reference = loss
    var attention: [Double] = []
    var headRows: [HeadResult] = []
    var layerRows: [LayerResult] = []
    let poor: Set<Int> = [0, 1, layers * 3 / 8]
    for layer in 0..<layers {
      var alrSum = 0.0
      var randomSum = 0.0
      for head in 0..<heads {
        let isMissing = missing.contains([layer, head])
        let base = poor.contains(layer) ? 0.95 : 0.2 + 0.15 * random.uniform()
        let quality = min(max(base + 0.35 * (random.uniform() - 0.5), 0.03), 1.6)
        let total = 0.75 + 0.25 * random.uniform()
        let steepness = Int.random(in: 3...9, using: &random)
        var area = 0.0
        var randomArea = 0.0
        for point in 0..<points {
          let x = Double(point) / 100
          var ideal = total
          for _ in 0..<steepness { ideal *= x }
          let dropped = ideal + quality * (total * x - ideal)
          area += (dropped - ideal) / Double(points)
          randomArea += (total * x - ideal) / Double(points)
          for fold in 0..<folds {
            let index = ((fold * layers + layer) * heads + head) * points + point
            loss[index] = isMissing ? .nan : dropped
            reference[index] = isMissing ? .nan : ideal
          }
        }
        let alr = area * Double(n)
        if !isMissing {
          alrSum += alr
          randomSum += randomArea * Double(n)
        }
        let measures =
          isMissing
          ? Measures()
          : Measures(
            alr: alr, alrSD: alr * 0.2, alrSE: alr * 0.05, alrNormalized: area,
            randomALR: randomArea * Double(n), alrRatio: quality, alrRatioSE: 0.03,
            spearman: quality - 1)
        headRows.append(
          HeadResult(
            layer: layer, head: head, kvHead: head * kvHeads / heads, measures: measures))
        var row = (0..<n).map { _ in random.uniform() * random.uniform() * total / Double(n) }
        row[0] = total * 0.4
        attention += isMissing ? row.map { _ in .nan } : row
      }
      let ratio = randomSum > 0 ? alrSum / randomSum : nil
      layerRows.append(
        LayerResult(
          layer: layer, n: n, window: nil, kvSource: nil,
          alr: ratio == nil ? nil : alrSum / Double(heads), alrSE: alrSum / Double(heads) * 0.03,
          alrNormalized: alrSum / Double(heads * n), alrRatio: ratio,
          alrRatioSE: ratio == nil ? nil : 0.02))
    }
    var norms: [Double] = []
    for _ in 0..<(layers * kvHeads) {
      let level = 12 + 6 * random.uniform()
      norms += (0..<n).map { $0 == 0 ? level / 4 : level + 2 * random.uniform() }
    }
    func zeros(_ shape: [Int]) -> NumericArray {
      NumericArray(
        shape: shape, values: [Double](repeating: 0, count: shape.reduce(1, *)))
    }
    let kvRows = (0..<(layers * kvHeads)).map { index -> KVHeadResult in
      let (layer, kvHead) = (index / kvHeads, index % kvHeads)
      // The first head that reads it.
      let row = headRows[layer * heads + (kvHead * heads + kvHeads - 1) / kvHeads]
      return KVHeadResult(layer: layer, kvHead: kvHead, measures: row.measures)
    }
    let advice = layerRows.map { row -> LayerAdvice in
      guard let ratio = row.alrRatio else { return LayerAdvice(layer: row.layer, answer: nil) }
      let answer: Answer =
        poor.contains(row.layer)
        ? .skip : layers > 3 && row.layer == layers - 1 ? .unsure : .compress
      return LayerAdvice(
        layer: row.layer, answer: answer, ratio: ratio, low: ratio - 0.04, high: ratio + 0.04,
        standsOut: answer == .skip ? 1 : answer == .unsure ? 0.5 : 0,
        chunksNeeded: answer == .unsure ? 40 : nil, headsAnswer: answer)
    }
    return AnalysisResult(
      tool: "alr-analyze 0.1.0",
      model: ModelSummary(
        name: name, architecture: "llama", layers: layers, heads: heads, kvHeads: kvHeads,
        headDim: 64, parameters: 1_100_048_384, fingerprint: String(repeating: "5a", count: 32)),
      corpus: CorpusSummary(
        name: "wikipedia-en", tokens: chunks * n, chunks: chunks, chunkLength: n, bos: true,
        fingerprint: String(repeating: "c3", count: 32)),
      protocolSummary: ProtocolSummary(
        query: "next", score: "key-norm", precision: "f32", isa: "avx512"),
      heads: headRows, kvHeads: kvRows, layers: layerRows,
      recommendation: Recommendation(
        layers: advice,
        reasons: poor.sorted().filter { $0 < layers }.map {
          "Skip layer \($0): far worse than the other layers (ratio 0.95; the middle layer 0.30)."
        }),
      arrays: ResultArrays([
        .attentionLoss: NumericArray(shape: [folds, layers, heads, points], values: loss),
        .referenceLoss: NumericArray(shape: [folds, layers, heads, points], values: reference),
        .foldChunks: NumericArray(
          shape: [folds],
          values: (0..<folds).map { Double(chunks / folds + ($0 < chunks % folds ? 1 : 0)) }),
        .keyNormMean: NumericArray(shape: [layers, kvHeads, n], values: norms),
        .attentionMean: NumericArray(shape: [layers, heads, n], values: attention),
      ]))
  }
}
