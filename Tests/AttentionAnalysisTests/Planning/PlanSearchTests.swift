import Foundation
import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

/// Plans of results whose curves are made up.
struct PlanSearchTests {
  /// A result whose loss curves are `loss(layer, kvHead, fold, share)`.
  private static func result(
    layers: Int = 6, kvHeads: Int = 2, folds: Int = 8, windows: [Int] = [],
    _ loss: (_ layer: Int, _ kvHead: Int, _ fold: Int, _ share: Double) -> Double
  ) throws -> AnalysisResult {
    let synthetic = SyntheticRun.small
    var result = try synthetic.result(synthetic.accumulate(0..<1))
    result.model.layers = layers
    result.model.kvHeads = kvHeads
    result.layers = (0..<layers).map {
      LayerResult(
        layer: $0, n: windows.contains($0) ? 10 : 100, window: windows.contains($0) ? 11 : nil,
        kvSource: nil, alr: nil, alrSE: nil, alrNormalized: nil, alrRatio: nil, alrRatioSE: nil)
    }
    func curves(_ points: Int, _ ideal: Double = 1) -> NumericArray {
      var values: [Double] = []
      for fold in 0..<8 {
        for layer in 0..<layers {
          for kvHead in 0..<kvHeads {
            for point in 0..<points {
              let share = Double(point) / Double(points - 1)
              values.append(fold < folds ? ideal * loss(layer, kvHead, fold, share) : .nan)
            }
          }
        }
      }
      return NumericArray(shape: [8, layers, kvHeads, points], values: values)
    }
    result.arrays[.kvAttentionLoss] = curves(curvePointCount)
    result.arrays[.kvReferenceLoss] = curves(curvePointCount, 0.5)
    result.arrays[.kvOutputError] = curves(errorPointCount)
    result.arrays[.foldChunks] = NumericArray(
      shape: [8], values: (0..<8).map { $0 < folds ? 2 : 0 })
    return result
  }

  private static func kept(_ ratios: [[Double]]) -> Double {
    let all = ratios.joined()
    return all.reduce(0, +) / Double(all.count)
  }

  @Test(arguments: [0.1, 0.3, 0.5, 0.7, 0.9]) func everyRuleSavesAsMuch(saved: Double) throws {
    let result = try Self.result { layer, kvHead, fold, share in
      Double(1 + layer) * pow(share, 1.5 + Double(kvHead)) * (1 + 0.01 * Double(fold))
    }
    let search = try PlanSearch(PlanCosts(result), .outputError)
    let proposals = try search.proposals(saving: saved)
    #expect(proposals.count >= (saved > 0.6 ? 6 : 9))
    for proposal in proposals {
      #expect(abs(1 - Self.kept(proposal.keepRatios) - saved) < 0.002, "\(proposal.rule.name)")
      #expect(proposal.keepRatios.joined().allSatisfy { $0 > 0 && $0 <= 1 })
    }
    func cost(_ name: String) -> Double {
      proposals.first { $0.rule.name == name }?.predicted[.outputError]?.madeOn ?? .nan
    }
    // More freedom costs less, by the curves that the plan was made of.
    #expect(cost("head-budgets") <= cost("layer-ratios") + 1e-9)
    #expect(cost("layer-ratios") <= cost("uniform") + 1e-9)
    #expect(cost("layer-ratios") <= cost("skip-chosen") + 1e-9)
    #expect(cost("skip-chosen") <= cost("uniform") + 1e-9)
  }

  /// At the limit and where some layers need nothing, memory is still equal.
  @Test(arguments: [0.95, 0.98]) func extremesSaveAsMuch(saved: Double) throws {
    let result = try Self.result(layers: 40, kvHeads: 8) { layer, _, _, share in
      layer % 2 == 0 ? share : 0
    }
    let proposals = try PlanSearch(PlanCosts(result), .attentionLoss).proposals(saving: saved)
    #expect(proposals.map { $0.rule.name }.contains("uniform"))
    for proposal in proposals {
      #expect(abs(1 - Self.kept(proposal.keepRatios) - saved) < 1e-5, "\(proposal.rule.name)")
    }
  }

  /// Files may say anything of costs.
  @Test func absurdCostsGiveAPlanAndWords() throws {
    for value in [1e300, -1e300, .infinity, .nan] {
      let result = try Self.result { layer, _, _, share in share == 0 ? 0 : layer == 2 ? value : 0.1
      }
      let search = try PlanSearch(PlanCosts(result), .outputError)
      for proposal in try search.proposals(saving: 0.3) {
        let plan = CompressionPlan(
          tool: "", modelName: "", modelFingerprint: "", score: "key-norm",
          kind: proposal.rule.kind, keepRatios: proposal.keepRatios,
          origin: .init(
            source: "", rule: proposal.rule.name, objective: "output-error", saved: 0.3,
            predicted: proposal.predicted))
        let words = PlanExplanation(search: search, result: result).text([plan])
        #expect(words.contains("Saving 30 % by \(proposal.rule.name)"))
      }
    }
  }

  /// The layer whose loss rises at once is worth its memory, in every draw of folds.
  @Test func theCostlyLayerIsSkipped() throws {
    let result = try Self.result { layer, _, fold, share in
      layer == 3 ? 50 * share : share * share * (1 + 0.05 * Double(fold % 3))
    }
    let search = try PlanSearch(PlanCosts(result), .outputError)
    let proposals = try search.proposals(saving: 0.5)
    let chosen = try #require(proposals.first { $0.rule.name == "skip-chosen" })
    #expect(chosen.keepRatios[3] == [1, 1] && chosen.keepRatios[0][0] < 0.5)
    let frequencies = try #require(search.skipFrequencies(saving: 0.5, draws: 20))
    #expect(frequencies == [0, 0, 0, 1, 0, 0])
    let plan = CompressionPlan(
      tool: "", modelName: "", modelFingerprint: "", score: "key-norm", kind: .skip,
      keepRatios: chosen.keepRatios,
      origin: .init(
        source: "", rule: "skip-chosen", objective: "output-error", saved: 0.5,
        predicted: chosen.predicted))
    let words = PlanExplanation(search: search, result: result).text([plan])
    #expect(words.hasSuffix("layers whose skipping pays by this measure: 3 in all draws."))
  }

  /// A difference that folds do not agree on is no reason to skip.
  @Test func noiseIsNoReasonToSkip() throws {
    let result = try Self.result { layer, _, fold, share in
      share * share * (layer == fold % 6 ? 1.6 : 1)
    }
    let search = try PlanSearch(PlanCosts(result), .outputError)
    let chosen = try #require(
      try search.proposals(saving: 0.5).first { $0.rule.name == "skip-chosen" })
    #expect(chosen.keepRatios.joined().allSatisfy { $0 == 0.5 })
  }

  @Test func windowsAreFixedUnlessAsked() throws {
    let result = try Self.result(windows: [1, 2]) { _, _, _, share in share * share }
    let fixed = try PlanSearch(PlanCosts(result), .outputError).proposals(saving: 0.5)
    for proposal in fixed {
      #expect(proposal.keepRatios[1] == [1, 1] && proposal.keepRatios[2] == [1, 1])
    }
    #expect(fixed[0].keepRatios[0] == [0.5, 0.5])
    let asked = try PlanSearch(PlanCosts(result, compressesWindows: true), .outputError)
      .proposals(saving: 0.5)
    #expect(asked[0].keepRatios[1] == [0.5, 0.5])
    let windows = try Self.result(windows: Array(0..<6)) { _, _, _, share in share }
    #expect(throws: PlanError.nothingToDrop) { try PlanCosts(windows) }
  }

  /// Predictions on the other folds are of the other folds.
  @Test func halvesAreKeptApart() throws {
    let result = try Self.result { _, _, fold, share in share * (fold % 2 == 0 ? 1 : 3) }
    let search = try PlanSearch(PlanCosts(result), .attentionLoss)
    let uniform = try search.proposals(saving: 0.5)[0].predicted
    #expect(abs((uniform[.attentionLoss]?.madeOn ?? 0) - 0.5) < 1e-12)
    #expect(abs((uniform[.attentionLoss]?.others ?? 0) - 1.5) < 1e-12)
    #expect(abs((uniform[.outputError]?.others ?? 0) - 18) < 1e-9)
  }

  /// Layers that can spare their memory give it up, heads as output error has it.
  @Test func sensitivityDecidesBetweenLayers() throws {
    var result = try Self.result { layer, kvHead, _, share in
      share * share * (kvHead == 0 ? 3 : 1) * (layer == 5 ? 100 : 1)
    }
    let sensitivity = try #require(
      LayerSensitivity(
        SyntheticLayers.evaluation(layers: 6, kept: [0.75, 0.5, 0.25], chunks: 4) {
          layer, share, chunk in
          share * share * (layer < 2 ? 10 : 1) * (chunk % 2 == 0 ? 1 : 3)
        }))
    #expect(throws: PlanError.otherModel("layers")) {
      try PlanCosts(result, sensitivity: sensitivity)
    }
    result.model.fingerprint = sensitivity.model.fingerprint
    let search = try PlanSearch(PlanCosts(result, sensitivity: sensitivity), .sensitivity)
    let proposals = try search.proposals(saving: 0.5)
    let uniform = try #require(proposals[0].predicted[.sensitivity])
    // Two layers at 10 · 0.25 and four at 0.25; three times that on the other half of the chunks.
    #expect(abs(uniform.madeOn - 6) < 1e-9 && abs((uniform.others ?? 0) - 18) < 1e-9)
    let layers = try #require(proposals.first { $0.rule.name == "layer-ratios" }).keepRatios
    #expect((2...5).allSatisfy { layers[0][0] > layers[$0][0] + 0.2 })
    let heads = try #require(proposals.first { $0.rule.name == "head-budgets" }).keepRatios
    #expect(heads[5][0] > heads[5][1] + 0.1 && heads[0][1] > heads[2][1])
    // One chunk says nothing of others.
    let one = try #require(
      LayerSensitivity(
        SyntheticLayers.evaluation(layers: 6, kept: [0.5], chunks: 1) { _, share, _ in share }))
    let alone = try PlanSearch(PlanCosts(result, sensitivity: one), .sensitivity)
    #expect(try alone.proposals(saving: 0.5)[0].predicted[.sensitivity]?.others == nil)
    var random = SyntheticLayers.evaluation(layers: 6, kept: [0.5]) { _, share, _ in share }
    for index in random.settings.indices.dropFirst() { random.settings[index].policy = "random" }
    #expect(throws: PlanError.otherScore(sensitivity: "random", result: "key-norm")) {
      try PlanCosts(result, sensitivity: LayerSensitivity(random))
    }
    // One layer more than was measured.
    var other = try Self.result(layers: 7) { _, _, _, share in share }
    other.model.fingerprint = sensitivity.model.fingerprint
    #expect(throws: PlanError.unmeasuredLayers([6])) {
      try PlanCosts(other, sensitivity: sensitivity)
    }
    #expect(throws: PlanError.notMeasured(.sensitivity)) {
      try PlanSearch(PlanCosts(result), .sensitivity)
    }
  }

  @Test func oneFoldSaysNothingOfOtherText() throws {
    let result = try Self.result(folds: 1) { _, _, _, share in share }
    let search = try PlanSearch(PlanCosts(result), .attentionLoss)
    #expect(search.checking.isEmpty && search.skipFrequencies(saving: 0.5) == nil)
    #expect(try search.proposals(saving: 0.5)[0].predicted[.attentionLoss]?.others == nil)
  }

  @Test func whatCannotBeIsRefused() throws {
    var result = try Self.result { _, _, _, share in share }
    let costs = try PlanCosts(result)
    let search = try PlanSearch(costs, .attentionLoss)
    #expect(throws: PlanError.savesTooMuch(asked: 0.99, most: 0.98)) {
      try search.proposals(saving: 0.99)
    }
    #expect(throws: PlanError.budgetTooLarge(positions: 100, cached: 100)) {
      try search.saving(budget: 100)
    }
    #expect(try abs(search.saving(budget: 25) - 0.75) < 1e-12)
    result.arrays = ResultArrays([
      .kvAttentionLoss: result.arrays[.kvAttentionLoss],
      .foldChunks: result.arrays[.foldChunks],
    ])
    #expect(throws: PlanError.notMeasured(.outputError)) {
      try PlanSearch(PlanCosts(result), .outputError)
    }
  }

  /// PyramidKV: of a mean of a fifth the last would keep a hundredth, and keeps what all must.
  @Test func pyramidFallsInAStraightLine() throws {
    let result = try Self.result { _, _, _, share in share }
    let search = try PlanSearch(PlanCosts(result), .attentionLoss)
    let pyramid = try #require(
      try search.proposals(saving: 0.8).first { $0.rule.name == "pyramid" })
    let kept = pyramid.keepRatios.map { $0[0] }
    #expect(abs(kept[0] - 0.38) < 1e-6 && abs(kept[5] - 0.02) < 1e-6)
    let steps = zip(kept, kept.dropFirst()).map { $0 - $1 }
    #expect(steps.prefix(4).allSatisfy { abs($0 - 0.072) < 1e-5 })
  }

  @Test func everyRuleIsRegistered() throws {
    let folder = Repository.root.appendingPathComponent(
      "Sources/AttentionAnalysis/Planning/Rules")
    let declared = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
      .reduce(0) { $0 + $1.components(separatedBy: ": PlanRule {").count - 1 }
    #expect(declared == PlanRules.all.count)
    #expect(Set(PlanRules.all.map { $0.name }).count == declared)
  }
}
