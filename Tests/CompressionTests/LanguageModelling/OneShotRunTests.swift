import Inference
import Testing

@testable import Compression

/// Many rules over one reading of the first part, against one rule at a time and against a cache
/// that is handled by hand.
struct OneShotRunTests {
  private static let length = 61
  private static let promptLength = 24
  private static let chunks = (0..<3).map { SampleModel.text($0, length: length) }
  private static let run = OneShotRun(chunks: chunks, promptLength: promptLength)

  private static func rules(
    _ pass: ForwardPass, pruneAfter: Int = promptLength, isOnce: Bool = true
  ) -> [CompressionRule] {
    let (layers, heads) = (pass.model.spec.layerCount, pass.model.spec.kvHeadCount)
    func rule(
      _ policy: any Policy, _ budget: CompressionRule.Budget,
      _ positions: CompressionRule.Positions = .true
    ) -> CompressionRule {
      CompressionRule(
        policy: policy, budget: budget, pruneAfter: pruneAfter, positions: positions,
        isOnce: isOnce)
    }
    let low = KeepLow(PolicyOptions())
    let shares = (0..<layers).map { layer in
      (0..<heads).map { 1 / Double(1 + (layer + $0) % 4) }
    }
    return [
      .none(),
      // What is left grows back to the size that it was pruned at.
      rule(low, .ratio(0.3, layers: layers, kvHeads: heads, skippedLayers: [])),
      rule(low, .ratio(0.5, layers: layers, kvHeads: heads, skippedLayers: [0]), .cacheLength),
      rule(RandomPolicy(PolicyOptions(seed: 3)), .ratios(shares)),
      rule(low, .counts(shares.map { $0.map { Int(($0 * 20).rounded()) } })),
    ]
  }

  @Test func rulesTogetherGiveTheBitsOfEachAlone() throws {
    let pass = try SampleModel.pass()
    let rules = Self.rules(pass)
    let workspace = PassWorkspace(for: pass)
    var done = 0
    let together = try Self.run.run(
      rules, with: pass, workspace: workspace, batchSize: 2, recordsKept: true,
      progress: { done += $0 })
    #expect(done == Self.run.tokenCount(rules: rules.count))
    #expect(done == 3 * (24 + 5 * 36))
    let alone = LanguageModelRun(chunks: Self.chunks, rules: rules)
    for (rule, scores) in zip(rules, together) {
      let expected = try alone.run(
        rule, with: pass, workspace: workspace, batchSize: 3, recordsKept: true)
      #expect(scores == expected)
    }
    // Tokens before the compression know nothing of it; those behind it do.
    let plain = together[0].negativeLogLikelihoods
    for scores in together.dropFirst() {
      for (index, loss) in scores.negativeLogLikelihoods.enumerated() {
        #expect((loss == plain[index]) == (index % 60 < 24))
      }
    }
    #expect(together.map(\.heldPositions[0])[..<2] == [60, 8 + 36])
  }

  @Test func theCacheIsPrunedOnceByHand() throws {
    let pass = try SampleModel.pass()
    let rule = Self.rules(pass)[1]
    let scores = try Self.run.run(
      [rule], with: pass, workspace: PassWorkspace(for: pass), batchSize: 8)[0]
    let tokens = Self.chunks[1]
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1)
    let workspace = PassWorkspace(for: pass)
    let sink = LikelihoodSink { tokens[$1 + 1] }
    for range in [0..<24, 24..<60] {
      try pass.run(
        PassRows(spans: [
          .init(sequence: 0, firstPosition: range.lowerBound, tokens: Array(tokens[range]))
        ]), cache: cache, workspace: workspace, logits: LogitRequest(.all, to: sink))
      guard range.lowerBound == 0 else { continue }
      for layer in 0..<cache.layerCount {
        for kvHead in 0..<cache.kvHeadCount {
          let view = cache.view(layer: layer, sequence: 0, kvHead: kvHead)
          let order = (0..<24).sorted { (view.keyNorms[$0], $0) < (view.keyNorms[$1], $1) }
          // ⌈0.3 · 24⌉
          cache.keep(order.prefix(8).sorted(), layer: layer, sequence: 0, kvHead: kvHead)
        }
      }
    }
    #expect(
      Array(scores.negativeLogLikelihoods[60..<120]) == sink.entries.map(\.negativeLogLikelihood))
  }

  @Test func tokenByTokenPrunesAtTheSamePlace() throws {
    let pass = try SampleModel.pass()
    let rule = Self.rules(pass)[1]
    let workspace = PassWorkspace(for: pass)
    let blocks = LanguageModelRun(chunks: Self.chunks, rules: [rule])
    var steps: [Int] = []
    let expected = try blocks.run(
      rule, with: pass, workspace: workspace, batchSize: 3, recordsKept: true,
      progress: { steps.append($0) })
    #expect(steps == [3 * 24, 3 * 36])
    let tokens = try LanguageModelRun(chunks: Self.chunks, rules: [rule], isByToken: true).run(
      rule, with: pass, workspace: workspace, batchSize: 3, recordsKept: true)
    #expect(tokens.kept == expected.kept)
    for (one, other) in zip(tokens.negativeLogLikelihoods, expected.negativeLogLikelihoods) {
      #expect(abs(one - other) < 5e-5)
    }
  }

  @Test func batchesAndThreadsChangeNothing() throws {
    let pass = try SampleModel.pass()
    let rules = Self.rules(pass, pruneAfter: 0, isOnce: false)
    let whole = try Self.run.meanLosses(
      rules, with: pass, workspace: PassWorkspace(for: pass), batchSize: 100)
    let other = try SampleModel.pass(threads: 1)
    let single = try Self.run.meanLosses(
      rules, with: other, workspace: PassWorkspace(for: other), batchSize: 1)
    #expect(whole == single)
    // The rules' own numbers: so many tokens are read before, whatever `pruneAfter` says below that.
    let once = try Self.run.run(
      Self.rules(pass), with: pass, workspace: PassWorkspace(for: pass), batchSize: 4)
    for (losses, scores) in zip(whole, once) {
      for (chunk, loss) in losses.enumerated() {
        let rest = scores.negativeLogLikelihoods[(chunk * 60 + 24)..<(chunk + 1) * 60]
        #expect(abs(loss - rest.reduce(0, +) / 36) < 1e-12)
      }
    }
    let late = try Self.run.meanLosses(
      Self.rules(pass, pruneAfter: 25), with: pass, workspace: PassWorkspace(for: pass),
      batchSize: 4)
    #expect(late.allSatisfy { $0 == whole[0] })
  }

  @Test func itCanBeStopped() throws {
    let pass = try SampleModel.pass()
    #expect(throws: (any Error).self) {
      try Self.run.run(
        [.none()], with: pass, workspace: PassWorkspace(for: pass), batchSize: 2,
        isCancelled: { true })
    }
    let memory = 1 << 30
    #expect(Self.run.batchSize(for: pass, memory: memory, physicalMemory: memory) > 1)
    #expect(Self.run.batchSize(for: pass, memory: 1, physicalMemory: memory) == 1)
  }
}
