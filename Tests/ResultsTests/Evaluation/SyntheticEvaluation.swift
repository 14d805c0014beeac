import Results

/// Made-up evaluations of two settings.
enum SyntheticEvaluation {
  private static let hash = String(repeating: "5a", count: 32)

  static let settings: [EvaluationSetting] = [
    .uncompressed,
    .init(
      policy: "keep-low", keepRatio: 0.1, maxCache: 1000, pruneAfter: 1000, skipLayers: [0, 12],
      positions: "cache-length", seed: 7, plan: nil),
  ]

  private static let model = ModelSummary(
    name: "M", architecture: "llama", layers: 13, heads: 2, kvHeads: 1, headDim: 4,
    parameters: 100, fingerprint: hash)

  /// Two chunks of three tokens; of one value there is no deviation.
  static let text = Evaluation(
    kind: .lm, tool: "alr-analyze 0.1.0", model: model,
    corpus: CorpusSummary(
      name: "c", tokens: 6, chunks: 2, chunkLength: 3, bos: true, fingerprint: hash),
    protocolFacts: [.init(name: "precision", value: "f32"), .init(name: "isa", value: "scalar")],
    settings: settings,
    cells: settings.indices.map { setting in
      .init(
        setting: setting, coordinates: [], count: 2,
        scores: [
          .init(name: "perplexity", mean: 1 / 3 + Double(setting), deviation: nil, error: nil)
        ])
    },
    comparisons: [
      .init(
        setting: 1, against: 0, chunks: 2, mean: 0.25, error: 0.125, low: -0.5, high: 1,
        perplexityRatio: 1.25),
      .init(
        setting: 0, against: 1, chunks: 2, mean: -0.25, error: nil, low: nil, high: nil,
        perplexityRatio: nil),
    ],
    tokens: .init(
      settings: 2, chunks: 2, positions: 3, nll: (0..<12).map { Double($0) / 7 },
      correct: (0..<12).map { Double($0 % 2) }))

  /// Cells at a length and at a subset.
  static let task = Evaluation(
    kind: .longbench, tool: "alr-analyze 0.1.0", model: model, corpus: nil,
    protocolFacts: [.init(name: "questions", value: "4")], settings: settings,
    cells: settings.indices.map { setting in
      .init(
        setting: setting,
        coordinates: [
          .init(name: "length", value: .number(1000)),
          .init(name: "subset", value: .name("qasper")),
        ], count: 4,
        scores: [
          .init(name: "score", mean: 0.25, deviation: 0.5, error: 0.125),
          .init(name: "spoken", mean: nil, deviation: nil, error: nil),
        ])
    })
}
