import AttentionAnalysis
import Results

/// Evaluations of no model: plausible, the same for the same arguments.
enum SyntheticEvaluation {
  static func setting(
    _ policy: String?, ratio: Double? = nil, cache: Int? = nil, skips: [Int] = []
  ) -> EvaluationSetting {
    EvaluationSetting(
      policy: policy, keepRatio: ratio, maxCache: cache, pruneAfter: cache ?? 0,
      skipLayers: skips, positions: "true", seed: 0, plan: nil)
  }

  /// No compression, then a grid; `count` of them.
  static func settings(_ kind: Evaluation.Kind, _ count: Int) -> [EvaluationSetting] {
    var settings = [EvaluationSetting.uncompressed]
    let policies = ["keep-low", "keep-high", "random", "streaming", "fastgen"]
    let skips = [[0, 1], [], [0, 1, 2], [0, 1, 12]]
    let amounts = kind == .lm ? 3 : 9
    var index = 0
    while settings.count < count {
      let amount = index % amounts
      let family = index / amounts
      let policy = policies[family % policies.count]
      let skip = skips[family / policies.count % skips.count]
      settings.append(
        kind == .lm
          ? setting(policy, ratio: 0.98, cache: [500, 1000, 2000][amount], skips: skip)
          : setting(policy, ratio: Double(9 - amount) / 10, skips: skip))
      index += 1
    }
    return settings
  }

  static func make(
    _ kind: Evaluation.Kind, settings count: Int, chunks: Int = 8, positions: Int = 999,
    places: Int = 8, name: String = "Synthetic-1B"
  ) -> Evaluation {
    var random = SplitMix64(seed: 3)
    let settings = settings(kind, count)
    var evaluation = Evaluation(
      kind: kind, tool: "alr-analyze 0.1.0",
      model: ModelSummary(
        name: name, architecture: "llama", layers: 30, heads: 9, kvHeads: 3, headDim: 64,
        parameters: 134_515_008, fingerprint: String(repeating: "5a", count: 32)),
      corpus: nil,
      protocolFacts: [
        .init(name: "precision", value: "bf16"), .init(name: "answer", value: "greedy"),
      ], settings: settings, cells: [])
    func loss(_ setting: EvaluationSetting) -> Double {
      guard let policy = setting.policy else { return 0 }
      let worth = ["keep-low": 0.15, "random": 0.5, "streaming": 0.4, "fastgen": 0.45]
      let share = setting.maxCache.map { Double($0) / 2500 } ?? setting.keepRatio ?? 1
      return worth[policy, default: 0.9] * (1 - share)
    }
    func score(_ name: String, _ mean: Double, _ error: Double) -> Evaluation.Score {
      .init(name: name, mean: mean, deviation: error * 3, error: error)
    }
    func cell(_ setting: Int, _ at: [(String, Evaluation.Coordinate.Value)], scale: Double = 1) {
      let noise = 0.1 * random.uniform()
      let mean = scale * min(max(0.98 - 1.2 * loss(settings[setting]) - noise, 0), 1)
      let scores =
        kind == .passkey
        ? [score("accuracy", mean, 0.03)]
        : kind == .needle
          ? [score("score", mean, 0.02), score("rouge_1", mean * 0.7, 0.02)]
          : [score("score", mean, 0.02 * scale)]
      evaluation.cells.append(
        .init(
          setting: setting, coordinates: at.map { .init(name: $0.0, value: $0.1) }, count: 10,
          scores: scores))
    }
    let lengths = (1...max(places, 1)).map { Double($0 * 4000 / max(places, 1)) }
    for setting in settings.indices {
      switch kind {
      case .lm: break
      case .passkey: for length in lengths { cell(setting, [("length", .number(length))]) }
      case .needle:
        for length in lengths {
          for depth in [0, 11, 22, 33, 44, 56, 67, 78, 89, 100] {
            cell(setting, [("length", .number(length)), ("depth", .number(Double(depth)))])
          }
        }
      case .longbench:
        for subset in ["narrativeqa", "qasper", "hotpotqa", "2wikimqa", "qmsum"] {
          cell(setting, [("subset", .name(subset))], scale: 30)
        }
      case .ruler:
        for task in [
          "niah_single_1", "niah_multikey_1", "niah_multivalue", "niah_multiquery", "vt", "cwe",
          "fwe",
        ] {
          for length in [1024.0, 2048] {
            cell(setting, [("task", .name(task)), ("length", .number(length))])
          }
        }
      }
    }
    guard kind == .lm else { return evaluation }
    evaluation.corpus = CorpusSummary(
      name: "wikipedia-en", tokens: chunks * positions, chunks: chunks, chunkLength: positions,
      bos: true, fingerprint: String(repeating: "c3", count: 32))
    var nll: [Double] = []
    var correct: [Double] = []
    for setting in settings {
      var random = SplitMix64(seed: 11)
      for _ in 0..<chunks {
        let level = 0.4 * random.uniform()
        for position in 0..<positions {
          let reached = Double(position) > Double(setting.maxCache ?? .max) * 0.4 ? 1.0 : 0
          let expected =
            2.6 + level + 20 / Double(position + 8) + reached * 1.5 * loss(setting)
          nll.append(expected * 2 * random.uniform())
          correct.append(random.uniform() < 1.35 / expected ? 1 : 0)
        }
      }
    }
    evaluation.tokens = .init(
      settings: settings.count, chunks: chunks, positions: positions, nll: nll, correct: correct)
    for (index, setting) in settings.enumerated() {
      evaluation.cells.append(
        .init(
          setting: index, coordinates: [], count: chunks,
          scores: [
            score("nll", 2.9 + loss(setting), 0.04),
            score("perplexity", 18 + 9 * loss(setting), 0.8),
            score("accuracy", 0.42 - 0.1 * loss(setting), 0.008),
            .init(
              name: "cache_positions", mean: Double(setting.maxCache ?? positions + 1),
              deviation: 0, error: 0),
          ]))
    }
    for setting in settings.indices.dropFirst() {
      for against in [0, 1] where against != setting {
        let mean = loss(settings[setting]) - loss(settings[against])
        evaluation.comparisons.append(
          .init(
            setting: setting, against: against, chunks: chunks, mean: mean, error: 0.01,
            low: mean - 0.02, high: mean + 0.02, perplexityRatio: 1 + mean))
      }
    }
    return evaluation
  }
}
