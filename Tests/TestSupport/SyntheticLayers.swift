import Results

/// Evaluations in which each layer alone is compressed, of no model.
public enum SyntheticLayers {
  /// Two tokens before the compression and two behind it; the latter lose `rise` more.
  ///
  /// - Parameters:
  ///   - kept: shares that stay.
  ///   - rise: nats a token by layer, share dropped, and chunk.
  public static func evaluation(
    layers: Int, kept: [Double], chunks: Int = 4,
    _ rise: (_ layer: Int, _ dropped: Double, _ chunk: Int) -> Double
  ) -> Evaluation {
    var settings = [EvaluationSetting.uncompressed]
    var nll: [Double] = []
    func add(_ rise: (_ chunk: Int) -> Double) {
      for chunk in 0..<chunks {
        let level = 2 + Double(chunk)
        // Each token has an error of its own that the mean does without.
        nll += [level, level + 1, level + rise(chunk) - 0.5, level + rise(chunk) + 0.5]
      }
    }
    add { _ in 0 }
    for ratio in kept {
      for layer in 0..<layers {
        settings.append(
          EvaluationSetting(
            policy: "keep-low", keepRatio: ratio, maxCache: nil, pruneAfter: 2,
            skipLayers: (0..<layers).filter { $0 != layer }, positions: "true", seed: 0, plan: nil))
        add { rise(layer, 1 - ratio, $0) }
      }
    }
    return Evaluation(
      kind: .lm, tool: "alr-analyze",
      model: ModelSummary(
        name: "layers", architecture: "llama", layers: layers, heads: 2, kvHeads: 2, headDim: 4,
        parameters: 100, fingerprint: String(repeating: "1a", count: 32)),
      corpus: nil, protocolFacts: [LayerSensitivity.fact], settings: settings,
      cells: settings.indices.map {
        .init(
          setting: $0, coordinates: [], count: chunks,
          scores: [.init(name: "perplexity", mean: 10, deviation: nil, error: nil)])
      },
      tokens: .init(
        settings: settings.count, chunks: chunks, positions: 4, nll: nll,
        correct: [Double](repeating: 1, count: nll.count)))
  }
}
