import Results
import Testing

@testable import Reporting

@Suite struct SettingPanelsTests {
  private func setting(
    _ policy: String, ratio: Double, cache: Int? = nil, skips: [Int]
  ) -> EvaluationSetting {
    SyntheticEvaluation.setting(policy, ratio: ratio, cache: cache, skips: skips)
  }

  @Test func namesSaySharedPartsOnce() {
    let settings: [EvaluationSetting] = [
      .uncompressed, setting("keep-low", ratio: 0.98, cache: 500, skips: [0, 1]),
      setting("keep-low", ratio: 0.98, cache: 1000, skips: [0, 1]),
      setting("random", ratio: 0.98, cache: 1000, skips: [0, 1]),
    ]
    var names = SettingNames(settings)
    #expect(names.shared == ["skips 0,1"])
    #expect(
      names.names == [
        "no compression", "keep-low 0.98, cache 500", "keep-low 0.98, cache 1000",
        "random 0.98, cache 1000",
      ])
    #expect(names.families == ["no compression", "keep-low", "keep-low", "random"])
    #expect(names.amounts[1...] == ["0.98, cache 500", "0.98, cache 1000", "0.98, cache 1000"])
    // One alone says all of itself; skips that differ stay in the names.
    #expect(SettingNames([settings[1]]).names == ["keep-low 0.98, cache 500, skips 0,1"])
    names = SettingNames([
      setting("keep-low", ratio: 0.5, skips: [0, 1]), setting("keep-low", ratio: 0.5, skips: []),
    ])
    #expect(names.families == ["keep-low, skips 0,1", "keep-low, skips none"])
    var seeded = setting("random", ratio: 0.5, skips: [])
    seeded.seed = 1
    #expect(
      SettingNames([setting("random", ratio: 0.5, skips: []), seeded]).names[1]
        == "random 0.5, seed 1")
  }

  @Test(arguments: Evaluation.Kind.allCases, [1, 2, 8, 9, 12, 40, 109])
  func noPanelHasMoreThanCanBeToldApart(kind: Evaluation.Kind, count: Int) {
    // The grid of `lm` has 60 beside no compression.
    let settings = SyntheticEvaluation.settings(kind, min(count, kind == .lm ? 61 : count))
    let panels = SettingPanels(settings, names: SettingNames(settings))
    #expect(panels.strokes.allSatisfy { $0 != nil } && panels.omission == nil)
    for panel in panels.panels {
      #expect(panel.settings.first == 0 && panel.settings.count <= SettingPanels.mostLines + 1)
      let looks = Set(panel.settings.map { "\(String(describing: panels.strokes[$0]))" })
      #expect(looks.count == panel.settings.count, "\(panel.title)")
    }
    let shown = Set(panels.panels.flatMap(\.settings))
    #expect(shown == Set(settings.indices))
    #expect(panels.panels.count == 1 || panels.panels.allSatisfy { !$0.title.isEmpty })
  }

  @Test func whatIsLeftOutIsSaid() throws {
    // 40 shares of 30 sets of layers: more lines than panels hold, whichever way.
    let settings = (0..<1200).map { index in
      SyntheticEvaluation.setting(
        "keep-low", ratio: 0.1 + Double(index / 30) / 100, skips: [index % 30])
    }
    let panels = SettingPanels(settings, names: SettingNames(settings))
    #expect(panels.panels.count == 24 && panels.panels.allSatisfy { $0.settings.count == 12 })
    #expect(panels.omission == "the first 288 of 1,200 settings")
  }

  @Test func linesDifferInGrey() {
    let strokes = (0..<28).map { LineStyles.stroke($0) }
    #expect(Set(strokes.map { "\($0)" }).count == 28)
    for index in 1..<28 { #expect(strokes[index].dash != strokes[index - 1].dash) }
  }
}
