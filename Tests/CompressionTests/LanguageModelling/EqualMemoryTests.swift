import Inference
import Results
import Testing

@testable import Compression

/// Ways to have a plan's memory, counted by hand, and differences paired over chunks.
struct EqualMemoryTests {
  /// The sample model has eight layers of two KV heads, and no windows.
  private static func spec(windows: Set<Int> = []) throws -> ArchitectureSpec {
    var spec = try SampleModel.pass(threads: 1).model.spec
    for layer in windows { spec.layers[layer].window = 4 }
    return spec
  }

  private static let plan = [0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7, 0.8].map { [$0, $0] }

  @Test func theTotalComesAsNearAsCountsAllow() throws {
    let memory = EqualMemory(keepRatios: Self.plan, spec: try Self.spec(), promptLength: 128)
    // ⌈128 r⌉ of each layer: 26 + 39 + 52 + 64 + 64 + 77 + 90 + 103 = 515 of 1024.
    #expect(memory.keptShare == 515.0 / 1024)
    let even = try #require(memory.even(skipping: []))
    #expect(even.count == 64 && even.keepRatio == 0.5 && even.skippedLayers == [])
    // Of 515 two whole layers leave 259 to six: 43.17 each.
    let skipping = try #require(memory.even(skipping: [0, 1]))
    #expect(skipping.count == 43 && skipping.keepRatio == 0.33 && skipping.skippedLayers == [0, 1])
    let ratios = memory.keepRatios(of: skipping)
    #expect(ratios.map { $0[0] } == [1, 1] + [Double](repeating: 0.33, count: 6))
    let share = Double(2 * 128 + 6 * 43) / 1024
    #expect(memory.keptShare(of: ratios) == share)
    for length in 1...300 {
      let memory = EqualMemory(keepRatios: Self.plan, spec: try Self.spec(), promptLength: length)
      for skipped in [Set<Int>(), [0, 1]] {
        guard let even = memory.even(skipping: skipped) else { continue }
        let rule = CompressionRule(
          policy: KeepLow(PolicyOptions()), budget: .ratios(memory.keepRatios(of: even)))
        #expect(rule.keptCount(of: length, layer: 5, kvHead: 1) == even.count)
        let heads = Double(8 - skipped.count) / 8
        let gap = memory.keptShare(of: memory.keepRatios(of: even)) - memory.keptShare
        #expect(abs(gap) <= 0.5 * heads / Double(length) + 1e-12, "\(length)")
      }
    }
  }

  @Test func whatCannotBeReachedIsNoWay() throws {
    let spec = try Self.spec()
    let little = EqualMemory(
      keepRatios: [[Double]](repeating: [0.2, 0.2], count: 8), spec: spec, promptLength: 100)
    // 160 positions a head in all, and two whole layers would hold 200.
    #expect(little.even(skipping: [0, 1]) == nil)
    #expect(little.even(skipping: [0])?.count == 9)
    #expect(little.even(skipping: Set(0..<8)) == nil)
    let all = EqualMemory(
      keepRatios: [[Double]](repeating: [1, 1], count: 8), spec: spec, promptLength: 100)
    #expect(all.keptShare == 1 && all.even(skipping: [])?.keepRatio == 1)
  }

  @Test func layersWithAWindowAreFixedUnlessThePlanCompressesOne() throws {
    let spec = try Self.spec(windows: [0, 1, 2, 4])
    let ratios = [1, 1, 1, 0.3, 1, 0.5, 0.4, 0.8].map { [$0, $0] }
    let memory = EqualMemory(keepRatios: ratios, spec: spec, promptLength: 10)
    #expect(memory.countedLayers == [3, 5, 6, 7])
    #expect(memory.keptShare == 0.5)
    let even = try #require(memory.even(skipping: []))
    #expect(even.count == 5 && even.skippedLayers == [0, 1, 2, 4])
    #expect(memory.even(skipping: [0, 1]) == even)
    #expect(
      EqualMemory(keepRatios: Self.plan, spec: spec, promptLength: 10).countedLayers.count == 8)
  }

  @Test func differencesArePairedOverChunks() throws {
    let losses = [[1.0, 2, 3, 4], [1.5, 2.25, 3.25, 5]]
    let comparison = Evaluation.Comparison(losses, setting: 1, against: 0)
    // Differences 0.5, 0.25, 0.25, 1: mean 0.5, deviation √0.125; t of three degrees.
    #expect(comparison.mean == 0.5 && comparison.chunks == 4)
    let error = 0.125.squareRoot() / 2
    let half: Double = 3.182446305284 * error
    let expected: [Double] = [error, 0.5 - half, 0.5 + half, 1.6487212707001282]
    let found = [comparison.error, comparison.low, comparison.high, comparison.perplexityRatio]
    for (found, expected) in zip(found, expected) {
      #expect(abs(try #require(found) - expected) < 1e-9)
    }
    #expect(!comparison.isSure)
    let single = Evaluation.Comparison([[1], [3]], setting: 0, against: 1)
    #expect(single.mean == -2 && single.error == nil && single.low == nil && single.high == nil)
    #expect(!single.isSure)
    let sure = Evaluation.Comparison([[1, 2], [2, 3.0001]], setting: 0, against: 1)
    #expect(sure.isSure)
  }
}
