import Inference
import Testing

@testable import Compression

/// Answers from caches that were compressed between a prompt and its answer.
struct DecodingTests {
  private static let prompt = SampleModel.text(5, length: 50)

  private static func rule(_ ratio: Double, _ pass: ForwardPass) -> CompressionRule {
    CompressionRule(
      policy: KeepLow(PolicyOptions()),
      budget: .ratio(
        ratio, layers: pass.model.spec.layerCount, kvHeads: pass.model.spec.kvHeadCount,
        skippedLayers: [0]))
  }

  private static func answers(
    _ rules: [CompressionRule], _ pass: ForwardPass, ends: Set<Int32> = [], limit: Int = 12,
    sampling: Sampling = .greedy
  ) throws -> [[Int32]] {
    try Decoding(
      prompt: prompt, rules: rules, newTokens: limit, pass: pass,
      workspace: PassWorkspace(for: pass), sampling: sampling
    ).finish(limit: limit, ends: ends)
  }

  @Test func anUncompressedCacheGoesOnAsTheWholeTextWould() throws {
    let pass = try SampleModel.pass()
    let answer = try #require(try Self.answers([.none()], pass).first)
    var text = Self.prompt
    for token in answer {
      let sink = ArgmaxSink()
      try pass.run(
        PassRows(sequences: [text]),
        cache: KVCache(for: pass, mode: .transient, sequences: 0..<1),
        workspace: PassWorkspace(for: pass), logits: LogitRequest(.last, to: sink))
      #expect(sink.tokens == [token])
      text.append(token)
    }
    #expect(answer.count == 12)
  }

  @Test func branchesDoNotTouchEachOther() throws {
    let pass = try SampleModel.pass()
    let rules = [CompressionRule.none(), Self.rule(0.5, pass), Self.rule(0.1, pass)]
    let together = try Self.answers(rules, pass)
    for (rule, answer) in zip(rules, together) {
      #expect(try Self.answers([rule], pass) == [answer])
    }
    // The first token comes before anything is dropped; what follows does not.
    #expect(Set(together.map(\.first)).count == 1)
    #expect(Set(together).count > 1)
  }

  @Test func cachesShrinkOnceAndThenGrow() throws {
    let pass = try SampleModel.pass()
    var whole = 0
    let decoding = try Decoding(
      prompt: SampleModel.text(5, length: 320), rules: [Self.rule(0.1, pass)], newTokens: 8,
      pass: pass, workspace: PassWorkspace(for: pass), onPrompt: { whole = $0 })
    // Of 8 layers one keeps all 320 and seven keep 32.
    #expect(decoding.heldPositions(0) == 68)
    #expect(decoding.cacheBytes * 4 < whole)
    try decoding.step()
    try decoding.step()
    #expect(decoding.heldPositions(0) == 70)
    // One more panel a head, not the room that the whole text would need.
    #expect(decoding.cacheBytes * 3 < whole)
    #expect(decoding.generated(0).count == 3)
  }

  @Test func anEndTokenEndsItsBranchAlone() throws {
    let pass = try SampleModel.pass()
    let rules = [CompressionRule.none(), Self.rule(0.1, pass)]
    let free = try Self.answers(rules, pass)
    let end = try #require(free[0].dropFirst().first { !free[1].contains($0) })
    let ended = try Self.answers(rules, pass, ends: [end])
    #expect(ended[0] == Array(free[0].prefix { $0 != end }))
    #expect(ended[1] == free[1])
  }

  @Test func lotsFollowTheirSeed() throws {
    let pass = try SampleModel.pass()
    func draw(_ seed: UInt64, topK: Int? = nil) throws -> [[Int32]] {
      try Self.answers(
        [.none()], pass,
        sampling: Sampling(temperature: 1.5, topK: topK, seed: seed))
    }
    #expect(try draw(1) == draw(1))
    #expect(try draw(1) != draw(2))
    #expect(try draw(1, topK: 1) == Self.answers([.none()], pass))
  }
}

extension DecodingTests {
  @Test func cachesAreHeldToTheirSizeWhereThatIsAsked() throws {
    let pass = try SampleModel.pass()
    let decoding = try Decoding(
      prompt: SampleModel.text(5, length: 50),
      rules: [
        CompressionRule(
          policy: KeepLow(PolicyOptions()),
          budget: .ratio(
            0.5, layers: pass.model.spec.layerCount, kvHeads: pass.model.spec.kvHeadCount,
            skippedLayers: [0]))
      ], newTokens: 8, pass: pass, workspace: PassWorkspace(for: pass),
      prunesWhileDecoding: true)
    let before = decoding.heldPositions(0)
    for _ in 0..<4 { try decoding.step() }
    // The skipped layer, one of eight, has grown by four.
    #expect(before == (50.0 + 7 * 25) / 8)
    #expect(decoding.heldPositions(0) == (54.0 + 7 * 25) / 8)
  }
}
