import Foundation
import Results
import Testing

@testable import AttentionAnalysis

/// The statistics of the rule: quantiles, resampling, error rates, and how many chunks decide.
@Suite struct RecommendationRuleTests {
  private typealias Claim = RecommendationRule.Claim

  /// `scipy.stats.t.ppf(0.975, n)` of SciPy 1.17.1.
  @Test(arguments: [
    (1, 12.706_204_736_174_696), (2, 4.302_652_729_749_462), (3, 3.182_446_305_283_71),
    (7, 2.364_624_251_592_785), (10, 2.228_138_851_986_274), (20, 2.085_963_447_265_864),
    (30, 2.042_272_456_301_238), (31, 2.039_513_446_396_41), (50, 2.008_559_112_100_761),
    (100, 1.983_971_518_523_552), (1000, 1.962_339_080_826_408),
    (1_000_000, 1.959_966_356_814_107),
  ])
  func studentQuantiles(degrees: Int, expected: Double) {
    #expect(abs(StudentT.reach(degrees: degrees) - expected) < 4e-8)
  }

  @Test func studentQuantilesFall() {
    for degrees in 1..<200 {
      #expect(StudentT.reach(degrees: degrees) > StudentT.reach(degrees: degrees + 1))
    }
  }

  @Test func normalNumbersAreNormal() {
    var generator = NormalGenerator(seed: 3)
    let values = (0..<20_000).map { _ in generator.next() }
    let count = Double(values.count)
    #expect(abs(values.reduce(0, +) / count) < 0.03)
    #expect(abs(values.map { $0 * $0 }.reduce(0, +) / count - 1) < 0.04)
    #expect(abs(Double(values.filter { abs($0) > 1.96 }.count) / count - 0.05) < 0.006)
  }

  /// A layer's ratio, and a difference of two, leaves Student's interval 5 times in 100.
  @Test(arguments: [2, 3, 5, 12])
  func resamplingsMoveAsStudentsT(chunks: Int) throws {
    let layers = (0..<2).map {
      RecommendationTests.sums(0.6, spread: 0.1 + 0.2 * Double($0), chunks: chunks, layer: $0)
    }
    let resampling = try #require(ChunkResampling(layers))
    let reach = StudentT.reach(degrees: chunks - 1)
    let error = try #require(Statistics.jackknifeError(layers[0].alr, layers[0].random))
    let difference = try #require(
      Statistics.standardError(
        zip(layers[0].alr, layers[1].alr).map { ($0 - $1) / 4 }))
    var outside = (alone: 0, together: 0)
    resampling.draw { ratios in
      if abs(ratios[0] - 0.6) > reach * error { outside.alone += 1 }
      if abs(ratios[0] - ratios[1]) > reach * difference { outside.together += 1 }
    }
    let count = Double(ChunkResampling.defaultCount)
    #expect(abs(Double(outside.alone) / count - 0.05) < 0.012)
    #expect(abs(Double(outside.together) / count - 0.05) < 0.012)
  }

  @Test func resamplingsAreTheSameInEveryRun() throws {
    let layers = [0.2, 0.5, 0.9].enumerated().map {
      RecommendationTests.sums($1, spread: 0.1, chunks: 4, layer: $0)
    }
    let rule = RecommendationRule()
    #expect(rule.verdicts(layers) == rule.verdicts(layers))
  }

  // MARK: How many chunks would decide

  @Test(arguments: [2, 3, 8, 40])
  func theDoubtFallsWithMoreChunks(chunks: Int) throws {
    let claim = Claim(distance: -0.1, doubt: 0.25)
    let needed = try #require(RecommendationRule.chunksNeeded([claim], chunks: chunks))
    func decides(_ count: Int) -> Bool {
      let now = StudentT.reach(degrees: chunks - 1) / Double(chunks).squareRoot()
      let then = StudentT.reach(degrees: count - 1) / Double(count).squareRoot()
      return 0.25 * then / now < 0.1
    }
    try #require(needed > chunks)
    #expect(decides(needed))
    // Rounded up to two digits.
    let unit = needed >= 100 ? 10 : 1
    #expect(!decides(needed - unit))
  }

  @Test func oneReasonIsEnoughToSkipAndAllMustFailToCompress() throws {
    func needed(_ claims: Claim...) -> Int? {
      RecommendationRule.chunksNeeded(claims, chunks: 8)
    }
    let soon = try #require(needed(Claim(distance: 0.2, doubt: 0.3)))
    let late = try #require(needed(Claim(distance: 0.2, doubt: 0.9)))
    #expect(soon < late)
    #expect(needed(Claim(distance: 0.2, doubt: 0.3), Claim(distance: 0.2, doubt: 0.9)) == soon)
    #expect(needed(Claim(distance: 0.2, doubt: 0.9), Claim(distance: -0.2, doubt: 0.3)) == late)
    #expect(needed(Claim(distance: -0.2, doubt: 0.9), Claim(distance: -0.2, doubt: 0.3)) == late)
    #expect(needed(Claim(distance: -0.2, doubt: 0.9), .impossible) == late)
    #expect(needed(Claim(distance: -0.2, doubt: 0.3), .open) == nil)
    #expect(needed(Claim(distance: 0, doubt: 0.3)) == nil)
    #expect(needed(Claim(distance: 0.2, doubt: .infinity)) == nil)
  }

  @Test func beyondReasonNoNumberIsNamed() {
    let claim = Claim(distance: 0.001, doubt: 0.1)
    #expect(RecommendationRule.chunksNeeded([claim], chunks: 8) == nil)
    #expect(RecommendationRule.chunksNeeded([claim], chunks: 4_000) == nil)
    let near = Claim(distance: 0.05, doubt: 0.1)
    // Where very many were measured, more than 1,000 may still be in reach.
    #expect(RecommendationRule.chunksNeeded([near], chunks: 4_000) == 16_000)
  }

  // MARK: Error rates

  /// Layers that differ, with chunks drawn around them.
  struct Population: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var ratios: [Double]
    var spread: Double
    /// Of a chunk's deviation what all layers share.
    var shared: Double

    var deservesSkip: [Bool] {
      let threshold = RecommendationRule.standoutThreshold(ratios) ?? .infinity
      return ratios.map { $0 > 1 || $0 > threshold }
    }

    func draw(chunks: Int, _ normal: inout NormalGenerator) -> [ChunkSums] {
      var layers = ratios.map { _ in ChunkSums(alr: [], random: []) }
      let own = (1 - shared * shared).squareRoot()
      for _ in 0..<chunks {
        let common = normal.next()
        for layer in ratios.indices {
          // Chunks have more or less to lose, and lose it as they please.
          let random = exp(0.2 * normal.next())
          let deviation = shared * common + own * normal.next()
          layers[layer].random.append(random)
          layers[layer].alr.append(random * ratios[layer] + spread * deviation)
        }
      }
      return layers
    }
  }

  static let populations = [
    Population(
      testDescription: "as SmolLM2", ratios: [1.03, 0.5, 0.7, 0.3, 0.2, 0.3, 0.8, 0.5, 0.6],
      spread: 0.12, shared: 0.3),
    // Half of these are just wrong to skip, half just wrong to compress.
    Population(
      testDescription: "at chance", ratios: [0.3, 0.4, 0.5, 0.6, 0.7, 0.9999, 1.0001],
      spread: 0.12, shared: 0),
    Population(
      testDescription: "just standing out",
      ratios: [0.3, 0.33, 0.36, 0.4, 0.42, 0.45, 0.48, 0.5, 0.785], spread: 0.1, shared: 0.3),
    Population(
      testDescription: "just not standing out",
      ratios: [0.3, 0.33, 0.36, 0.4, 0.42, 0.45, 0.48, 0.5, 0.735], spread: 0.1, shared: 0.3),
    // The chunks' noise is larger than what the layers differ by.
    Population(
      testDescription: "lost in noise",
      ratios: [0.46, 0.47, 0.48, 0.49, 0.5, 0.51, 0.52, 0.53, 0.66], spread: 0.1, shared: 0),
  ]

  /// Of the layers that do not deserve it at most 5 in 100 are skipped, of those that do at most 5
  /// in 100 compressed, whatever the layers and however few chunks.
  @Test(arguments: populations, [2, 3, 6])
  func wrongAnswersAreRare(population: Population, chunks: Int) {
    var normal = NormalGenerator(seed: UInt64(chunks))
    let trials = 200
    let rule = RecommendationRule(resamplings: 200)
    let deserves = population.deservesSkip
    var wrong = [Int](repeating: 0, count: deserves.count)
    for _ in 0..<trials {
      for (layer, verdict) in rule.verdicts(population.draw(chunks: chunks, &normal)).enumerated()
      where verdict.answer == (deserves[layer] ? .compress : .skip) { wrong[layer] += 1 }
    }
    #expect(wrong.count > 5 && wrong.allSatisfy { $0 <= trials / 20 }, "\(wrong) of \(trials)")
  }

  /// The rule is not safe by saying nothing.
  @Test func withEnoughChunksMostLayersAreTold() {
    var normal = NormalGenerator(seed: 1)
    let rule = RecommendationRule(resamplings: 200)
    let population = Self.populations[0]
    var told = 0
    for _ in 0..<20 {
      let verdicts = rule.verdicts(population.draw(chunks: 16, &normal))
      told += verdicts.dropFirst().filter { $0.answer == .compress }.count
    }
    #expect(Double(told) > 0.8 * 20 * 8, "\(told) of 160")
  }

  // MARK: A real model

  /// SmolLM2 on two texts (see `make_chunk_sums.py`): no layer goes from skip to compress, or back,
  /// without passing what cannot be told yet.
  @Test(arguments: ["corpus", "jargon"])
  func noAnswerTurnsIntoItsOpposite(text: String) throws {
    let layers = try Self.measured(text)
    try #require(layers.count == 30 && layers[0].alr.count >= 29)
    var answers = [[Answer?]](repeating: [], count: layers.count)
    for chunks in [1, 2, 4, 8, 16, 32] {
      let first = layers.map {
        ChunkSums(alr: Array($0.alr.prefix(chunks)), random: Array($0.random.prefix(chunks)))
      }
      for (layer, verdict) in RecommendationRule().verdicts(first).enumerated() {
        answers[layer].append(verdict.answer)
      }
    }
    for (layer, answers) in answers.enumerated() {
      #expect(answers.count == 6 && answers.prefix(2).allSatisfy { $0 == .unsure })
      let turns = zip(answers, answers.dropFirst()).filter { Set([$0, $1]) == [.skip, .compress] }
      #expect(turns.isEmpty, "layer \(layer): \(answers)")
    }
    #expect(answers.filter { $0.last == .compress }.count >= 28)
    #expect(answers[0].contains(.skip) && !answers[0].contains(.compress))
  }

  /// Sums by layer.
  private static func measured(_ text: String) throws -> [ChunkSums] {
    let url = try #require(
      Bundle.module.url(
        forResource: "chunk_sums", withExtension: "csv", subdirectory: "Fixtures"))
    var layers: [ChunkSums] = []
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",")
      try #require(cells.count == 5)
      guard cells[0] == text else { continue }
      let layer = try #require(Int(cells[2]))
      if layer == layers.count { layers.append(ChunkSums(alr: [], random: [])) }
      try #require(layer < layers.count)
      layers[layer].alr.append(try #require(Double(cells[3])))
      layers[layer].random.append(try #require(Double(cells[4])))
    }
    return layers
  }
}
