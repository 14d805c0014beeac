import AttentionAnalysis
import Inference
import Results
import Testing

@testable import Compression

/// Scores that look at attention, in a run and in live caches of the sample model, against the
/// attention rows that the pass itself computes.
struct ObservingScoreTests {
  private static let length = 90
  private static let names = EvictionScores.all.filter { $0.observed != .none }.map(\.name)

  private static func rows(_ tokens: [Int32], _ pass: ForwardPass) throws -> RowRecorder {
    let recorder = RowRecorder(
      positions: Array(tokens.indices), groupSize: pass.model.spec.groupSize)
    try pass.run(
      PassRows(sequences: [tokens]),
      cache: KVCache(for: pass, mode: .transient, sequences: 0..<1),
      workspace: PassWorkspace(for: pass), recorder: recorder)
    return recorder
  }

  /// What tova and h2o rate the first `count` positions by.
  private static func plain(_ name: String, _ rows: [Int: [Double]], count: Int) -> [Double] {
    (0..<count).map { slot in
      let queries = name == "tova" ? count - 1..<count : slot..<count
      return queries.reduce(0) { $0 + (rows[$1]?[slot] ?? .nan) }
    }
  }

  private static func rule(
    _ policy: any Policy, _ pass: ForwardPass, ratio: Double = 0.5, pruneAfter: Int
  ) -> CompressionRule {
    CompressionRule(
      policy: policy,
      budget: .ratio(
        ratio, layers: pass.model.spec.layerCount, kvHeads: pass.model.spec.kvHeadCount,
        skippedLayers: [1]), pruneAfter: pruneAfter)
  }

  private static func policy(_ name: String) throws -> any Policy {
    try #require(Policies.named(name, PolicyOptions()))
  }

  @Test(arguments: ["tova", "h2o"]) func aLiveCacheKeepsWhatDrewAttention(name: String) throws {
    let pass = try SampleModel.pass()
    let tokens = SampleModel.text(3, length: Self.length)
    let rule = Self.rule(try Self.policy(name), pass, pruneAfter: Self.length - 1)
    let run = LanguageModelRun(chunks: [tokens], rules: [rule])
    let scores = try run.run(
      rule, with: pass, workspace: PassWorkspace(for: pass), batchSize: 1, recordsKept: true)
    let rows = try Self.rows(Array(tokens.dropLast()), pass).rows
    for layer in scores.kept.indices where layer != 1 {
      for (kvHead, kept) in scores.kept[layer][0].enumerated() {
        let plain = Self.plain(name, try #require(rows[[layer, kvHead]]), count: run.fedLength)
        let lowest = plain.sorted(by: >)[kept.count - 1]
        #expect(kept.count == 45)
        // Scores that rounding could turn round may change places.
        #expect(kept.allSatisfy { plain[Int($0)] > lowest * (1 - 1e-4) })
      }
    }
  }

  /// Prunings between blocks see the queries that single tokens would have left.
  @Test(arguments: names) func blocksKeepWhatSingleTokensKeep(name: String) throws {
    let pass = try SampleModel.pass()
    let chunks = (0..<2).map { SampleModel.text($0, length: Self.length) }
    let rule = Self.rule(try Self.policy(name), pass, ratio: 0.8, pruneAfter: 70)
    func run(isByToken: Bool, batchSize: Int) throws -> LanguageModelRun.Scores {
      try LanguageModelRun(chunks: chunks, rules: [rule], isByToken: isByToken).run(
        rule, with: pass, workspace: PassWorkspace(for: pass), batchSize: batchSize,
        recordsKept: true)
    }
    let blocks = try run(isByToken: false, batchSize: 2)
    #expect(try run(isByToken: false, batchSize: 1) == blocks)
    #expect(try run(isByToken: true, batchSize: 2).kept == blocks.kept)
    #expect(blocks.kept[0][0][0].count < 70)
  }

  @Test(arguments: ["snap-kv", "h2o"]) func branchesSeeTheSamePrompt(name: String) throws {
    let pass = try SampleModel.pass()
    let policy = try Self.policy(name)
    let rules = [0.5, 0.3].map { Self.rule(policy, pass, ratio: $0, pruneAfter: 0) }
    func answers(_ rules: [CompressionRule]) throws -> [[Int32]] {
      try Decoding(
        prompt: SampleModel.text(5, length: 80), rules: rules, newTokens: 8, pass: pass,
        workspace: PassWorkspace(for: pass), prunesWhileDecoding: true
      ).finish(limit: 8, ends: [])
    }
    let together = try answers(rules + [.none()])
    for (rule, answer) in zip(rules, together) { #expect(try answers([rule]) == [answer]) }
  }

  // MARK: Runs

  private static func run(
    _ names: [String], _ query: QuerySelection, _ chunks: [[Int32]], _ pass: ForwardPass,
    batchSize: Int = 2
  ) throws -> [AnalysisResult] {
    let shape = RunShape(pass.model.spec, chunkLength: chunks[0].count - 1)
    let run = AnalysisRun(
      tool: "test", model: ModelSummary(pass.model),
      corpus: CorpusSummary(
        name: "text", tokens: 0, chunks: chunks.count, chunkLength: shape.chunkLength, bos: true,
        fingerprint: ""),
      protocolSummary: ProtocolSummary(
        query: query.description, score: "", precision: "f32", isa: pass.kernels.name),
      shape: shape, query: query,
      scores: try names.map { try #require(EvictionScores.named($0)) }, chunks: chunks)
    return try run.results(with: pass, batchSize: batchSize)
  }

  /// The row of x_n orders, the row of x_{n+1} is measured.
  @Test(arguments: ["tova", "h2o"]) func orderComesFromEarlierRows(name: String) throws {
    let pass = try SampleModel.pass()
    let tokens = SampleModel.text(4, length: Self.length)
    let n = Self.length - 1
    let result = try Self.run([name], .next, [tokens], pass)[0]
    let rows = try Self.rows(tokens, pass).rows
    for row in result.kvHeads {
      let own = try #require(rows[[row.layer, row.kvHead]])
      let measured = try #require(own[n]).dropLast()
      let plain = Self.plain(name, own, count: n)
      func losses(_ order: [Int]) -> Double {
        var loss = 0.0
        return order.reduce(0.0) { sum, slot in
          loss += measured[slot]
          return sum + loss
        }
      }
      let order = (0..<n).sorted { (plain[$0], $1) < (plain[$1], $0) }
      let ideal = (0..<n).sorted { measured[$0] < measured[$1] }
      let alr = try #require(row.measures.alr)
      #expect(abs(alr - (losses(order) - losses(ideal))) < 1e-3)
    }
  }

  /// The model's own token as the corpus's: the queries come from an earlier pass or from this one.
  @Test func greedyRowsSeeTheQueriesOfThePrefix() throws {
    let pass = try SampleModel.pass()
    let text = SampleModel.text(6, length: Self.length)
    let sink = ArgmaxSink()
    try pass.run(
      PassRows(sequences: [Array(text.dropLast())]),
      cache: KVCache(for: pass, mode: .transient, sequences: 0..<1),
      workspace: PassWorkspace(for: pass), logits: LogitRequest(.last, to: sink))
    let own = Array(text.dropLast()) + sink.tokens
    let greedy = try Self.run(Self.names, .greedy, [text], pass)
    let next = try Self.run(Self.names, .next, [own], pass)
    for (one, other) in zip(greedy, next) {
      for (a, b) in zip(one.kvHeads, other.kvHeads) {
        #expect(abs((a.measures.alr ?? .nan) - (b.measures.alr ?? .nan)) < 1e-3)
      }
    }
  }

  @Test(arguments: [QuerySelection.next, .greedy, .last(3)])
  func batchesAndThreadsChangeNothing(query: QuerySelection) throws {
    let pass = try SampleModel.pass()
    let single = try SampleModel.pass(threads: 1)
    let chunks = (0..<3).map { SampleModel.text($0, length: 75) }
    let all = EvictionScores.all.map(\.name)
    let results = try Self.run(all, query, chunks, pass, batchSize: 3)
    let others = try Self.run(all, query, chunks, single, batchSize: 1)
    for (index, name) in all.enumerated() {
      #expect(results[index].kvHeads == others[index].kvHeads, "\(name)")
    }
    // Each by itself is what it is beside the others.
    for name in ["key-norm", "tova"] {
      let index = try #require(all.firstIndex(of: name))
      #expect(
        try Self.run([name], query, chunks, pass)[0].kvHeads == results[index].kvHeads)
    }
  }
}
