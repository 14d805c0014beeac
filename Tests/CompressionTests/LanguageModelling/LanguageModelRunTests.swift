import Inference
import Testing

@testable import Compression

/// Blocks between prunings against a token at a time.
struct LanguageModelRunTests {
  private static let length = 61
  private static let chunks = (0..<3).map { SampleModel.text($0, length: length) }

  private static func rule(
    _ ratio: Double, pruneAfter: Int, skipped: Set<Int> = [], pass: ForwardPass,
    positions: CompressionRule.Positions = .true, policy: (any Policy)? = nil
  ) -> CompressionRule {
    CompressionRule(
      policy: policy ?? KeepLow(PolicyOptions()),
      budget: .ratio(
        ratio, layers: pass.model.spec.layerCount, kvHeads: pass.model.spec.kvHeadCount,
        skippedLayers: skipped), pruneAfter: pruneAfter, positions: positions)
  }

  /// One token after another, each head pruned by hand after each.
  private static func byTokens(
    _ rule: CompressionRule, _ tokens: [Int32], _ pass: ForwardPass,
    _ weights: WeightReading
  ) throws -> (nll: [Double], kept: [[[Int32]]]) {
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1)
    let workspace = PassWorkspace(for: pass)
    let sink = LikelihoodSink { tokens[$1 + 1] }
    let (layers, heads) = (cache.layerCount, cache.kvHeadCount)
    for position in 0..<tokens.count - 1 {
      let shift =
        rule.positions == .true ? 0 : position - cache.count(layer: 0, sequence: 0, kvHead: 0)
      try pass.run(
        PassRows(spans: [
          .init(
            sequence: 0, firstPosition: position, shift: shift, tokens: [tokens[position]])
        ]), cache: cache, workspace: workspace, logits: LogitRequest(.all, to: sink),
        weights: weights)
      for layer in 0..<layers {
        for kvHead in 0..<heads {
          let view = cache.view(layer: layer, sequence: 0, kvHead: kvHead)
          let count = rule.keptCount(of: view.count, layer: layer, kvHead: kvHead)
          guard count < view.count else { continue }
          let order = (0..<view.count).sorted {
            (view.keyNorms[$0], $0) < (view.keyNorms[$1], $1)
          }
          cache.keep(order.prefix(count).sorted(), layer: layer, sequence: 0, kvHead: kvHead)
        }
      }
    }
    let kept = (0..<layers).map { layer in
      (0..<heads).map { kvHead in
        cache.view(layer: layer, sequence: 0, kvHead: kvHead).positions
          .map { Int32(bitPattern: $0) }
      }
    }
    return (sink.entries.map(\.negativeLogLikelihood), kept)
  }

  @Test(arguments: [
    (0.5, 24, Set<Int>(), CompressionRule.Positions.true), (0.9, 10, Set([0, 1]), .true),
    (0.5, 24, Set<Int>(), .cacheLength), (0.75, 16, Set([0]), .cacheLength),
    (0.98, 0, Set([1]), .true),
  ])
  func blocksGiveTheBitsOfSingleTokens(
    ratio: Double, pruneAfter: Int, skipped: Set<Int>, positions: CompressionRule.Positions
  ) throws {
    let pass = try SampleModel.pass()
    let rule = Self.rule(
      ratio, pruneAfter: pruneAfter, skipped: skipped, pass: pass, positions: positions)
    let run = LanguageModelRun(chunks: Self.chunks, rules: [rule])
    let workspace = PassWorkspace(for: pass)
    let scores = try run.run(
      rule, with: pass, workspace: workspace, batchSize: 2, recordsKept: true)
    for (chunk, tokens) in Self.chunks.enumerated() {
      let expected = try Self.byTokens(rule, tokens, pass, run.weightReading(rule))
      let first = chunk * run.fedLength
      #expect(
        Array(scores.negativeLogLikelihoods[first..<first + run.fedLength]) == expected.nll)
      #expect(scores.kept.map { $0[chunk] } == expected.kept)
    }
    let byToken = LanguageModelRun(chunks: Self.chunks, rules: [rule], isByToken: true)
    var steps: [Int] = []
    let others = try byToken.run(
      rule, with: pass, workspace: workspace, batchSize: 3, recordsKept: true,
      progress: { steps.append($0) })
    #expect(steps == [Int](repeating: 3, count: run.fedLength))
    #expect(others.kept == scores.kept)
    #expect(others.negativeLogLikelihoods.count == scores.negativeLogLikelihoods.count)
    for (one, other) in zip(others.negativeLogLikelihoods, scores.negativeLogLikelihoods) {
      // Products of stored weights are summed in another order.
      let difference = abs(one - other)
      #expect(difference < 1e-4)
    }
  }

  @Test func batchesAndThreadsChangeNothing() throws {
    let pass = try SampleModel.pass()
    let policy = RandomPolicy(PolicyOptions(seed: 3))
    let rule = Self.rule(0.5, pruneAfter: 20, pass: pass, policy: policy)
    let run = LanguageModelRun(chunks: Self.chunks, rules: [rule])
    let whole = try run.run(
      rule, with: pass, workspace: PassWorkspace(for: pass), batchSize: 3, recordsKept: true)
    let other = try SampleModel.pass(threads: 1)
    let single = try run.run(
      rule, with: other, workspace: PassWorkspace(for: other), batchSize: 1, recordsKept: true)
    #expect(whole == single)
    #expect(whole.heldPositions.count == 3 && whole.heldPositions.allSatisfy { $0 < 20 })
    #expect(whole.negativeLogLikelihoods.allSatisfy(\.isFinite) && whole.kept[0].count == 3)
  }

  @Test func nothingIsLostWithoutCompression() throws {
    let pass = try SampleModel.pass()
    let run = LanguageModelRun(chunks: Self.chunks, rules: [.none()])
    let scores = try run.run(
      .none(), with: pass, workspace: PassWorkspace(for: pass), batchSize: 3)
    let chunks = Self.chunks
    let sink = LikelihoodSink { position, next in
      next + 1 < Self.length ? chunks[position][next + 1] : nil
    }
    try pass.run(
      PassRows(sequences: Self.chunks),
      cache: KVCache(for: pass, mode: .transient, sequences: 0..<3),
      workspace: PassWorkspace(for: pass), logits: LogitRequest(.all, to: sink))
    #expect(scores.negativeLogLikelihoods == sink.entries.map(\.negativeLogLikelihood))
    #expect(scores.isCorrect == sink.entries.map(\.isCorrect))
    #expect(scores.heldPositions == [60, 60, 60])
  }

  @Test func memoryIsGivenBack() throws {
    let pass = try SampleModel.pass()
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: 400)
    let tokens = SampleModel.text(1, length: 400)
    try pass.run(
      PassRows(sequences: [tokens]), cache: cache, workspace: PassWorkspace(for: pass))
    let whole = cache.byteCount
    let rule = Self.rule(0.1, pruneAfter: 0, pass: pass)
    CacheCompression(rule, for: pass).prune(cache, sequences: 0..<1) { _ in tokens }
    #expect(cache.count(layer: 3, sequence: 0, kvHead: 1) == 40)
    #expect(cache.byteCount * 6 < whole)
  }

  /// What a cache swings between stays its own: nothing is given back to be asked for again.
  @Test func roomThatIsNeededAgainStays() throws {
    let pass = try SampleModel.pass()
    let tokens = SampleModel.text(1, length: 400)
    let rule = Self.rule(0.5, pruneAfter: 0, pass: pass)
    for (room, share) in [(400, 1.0), (nil, 0.55)] {
      let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: 400, room: room)
      try pass.run(
        PassRows(sequences: [tokens]), cache: cache, workspace: PassWorkspace(for: pass))
      let whole = cache.byteCount
      CacheCompression(rule, for: pass).prune(cache, sequences: 0..<1) { _ in tokens }
      #expect(cache.count(layer: 3, sequence: 0, kvHead: 1) == 200)
      #expect(Double(cache.byteCount) <= share * Double(whole))
      #expect(room == nil || cache.byteCount == whole)
    }
  }
}
