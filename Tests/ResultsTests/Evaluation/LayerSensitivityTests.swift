import TestSupport
import Testing

@testable import Results

struct LayerSensitivityTests {
  @Test func risesAreOfWhatLiesBehindTheCompression() throws {
    let evaluation = SyntheticLayers.evaluation(layers: 3, kept: [0.25, 0.75], chunks: 2) {
      layer, share, chunk in Double(layer) + share + 10 * Double(chunk)
    }
    let found = try #require(LayerSensitivity(evaluation))
    #expect(found.layers == [0, 1, 2] && found.droppedShares == [0.25, 0.75])
    #expect(found.policy == "keep-low" && found.chunks == 2)
    #expect(found.rises(layer: 2, share: 1) == [2.75, 12.75])
    #expect(found.rises(layer: 0, share: 0) == [0.25, 10.25])
  }

  @Test func otherSettingsAreNoLayers() throws {
    let whole = SyntheticLayers.evaluation(layers: 3, kept: [0.5]) { _, _, _ in 1 }
    var evaluation = whole
    evaluation.settings[0].policy = "random"
    #expect(LayerSensitivity(evaluation) == nil)
    evaluation = whole
    evaluation.tokens = nil
    #expect(LayerSensitivity(evaluation) == nil)
    evaluation = whole
    evaluation.settings[2].policy = "random"
    #expect(LayerSensitivity(evaluation)?.layers == [0, 2])
    for index in 1...3 { evaluation.settings[index].plan = "plan" }
    #expect(LayerSensitivity(evaluation) == nil)
    evaluation = whole
    evaluation.protocolFacts = []
    #expect(LayerSensitivity(evaluation) == nil)
    // Shares that no run has.
    for ratio in [-1e30, 0, 1, 2] {
      evaluation = whole
      for index in 1...3 { evaluation.settings[index].keepRatio = ratio }
      #expect(LayerSensitivity(evaluation) == nil)
    }
  }

  /// A layer without one of the shares is not there.
  @Test func layersAreWhole() {
    var evaluation = SyntheticLayers.evaluation(layers: 2, kept: [0.5, 0.25]) { _, _, _ in 1 }
    evaluation.settings[4].keepRatio = 0.125
    #expect(LayerSensitivity(evaluation)?.layers == [0])
  }

  @Test func layersTwiceLeaveNoneAlone() {
    let setting = EvaluationSetting(
      policy: "keep-low", keepRatio: 0.5, maxCache: nil, pruneAfter: 0, skipLayers: [0, 0, 2],
      positions: "true", seed: 0, plan: nil)
    #expect(setting.loneLayer(of: 4) == nil)
  }

  @Test(arguments: [
    ([0, 1, 3], 4, 2), ([1, 2], 3, 0), ([0, 1], 3, 2), ([], 1, 0), ([3, 0, 1], 4, 2),
  ])
  func theLayerThatIsLeftIsFound(skipped: [Int], layers: Int, expected: Int) {
    let setting = EvaluationSetting(
      policy: "keep-low", keepRatio: 0.5, maxCache: nil, pruneAfter: 0, skipLayers: skipped,
      positions: "true", seed: 0, plan: nil)
    #expect(setting.loneLayer(of: layers) == expected)
    #expect(setting.loneLayer(of: layers + 1) == nil)
  }
}
