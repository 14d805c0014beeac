import Results

/// Settings of one evaluation by short names: what all of them share is said once, beside them.
struct SettingNames {
  /// By setting.
  let names: [String]
  /// What every compressed setting has, such as `skips 0,1`; empty where there is but one.
  let shared: [String]
  /// By setting, its name without what says how much stays, such as `keep-low, skips 0,1`: the
  /// settings of one family differ in that alone.
  let families: [String]
  /// By setting, how much stays, such as `0.5` or `0.98, cache 1000`.
  let amounts: [String]

  init(_ settings: [EvaluationSetting]) {
    let compressed = settings.filter { $0.policy != nil }
    let seeds = Set(compressed.map(\.seed)).count > 1
    func parts(_ setting: EvaluationSetting) -> [String] {
      let seed = seeds && setting.policy != nil ? ["seed \(setting.seed)"] : []
      return (setting.labelParts + seed).map(Self.shown)
    }
    let all = compressed.map(parts)
    let common =
      all.count > 1
      ? all[0].dropFirst().filter { part in all.allSatisfy { $0.dropFirst().contains(part) } } : []
    func joined(_ parts: [String]) -> String {
      (parts.prefix(1) + parts.dropFirst().filter { !common.contains($0) }).joined(separator: ", ")
    }
    shared = common
    names = settings.map { joined(parts($0)) }
    families = settings.map { joined(parts($0.family)) }
    amounts = settings.map { setting in
      let parts = [
        setting.keepRatio.map { "\($0)" }, setting.maxCache.map { "cache \($0)" },
        setting.plan.map { "plan \($0)" },
      ].compactMap { $0 }
      return parts.isEmpty ? "all" : Self.shown(parts.joined(separator: ", "))
    }
  }

  /// Names may come from a stranger's file.
  private static func shown(_ text: String) -> String { LabelText.visible(String(text.prefix(80))) }

  /// For captions: `all compressed settings: skips 0,1`.
  var sharedWords: String? {
    shared.isEmpty ? nil : "all compressed settings: \(shared.joined(separator: ", "))"
  }
}

extension EvaluationSetting {
  /// The setting without what says how much stays.
  fileprivate var family: EvaluationSetting {
    var family = self
    family.keepRatio = nil
    family.plan = nil
    if maxCache != nil { family.pruneAfter = 0 }
    family.maxCache = nil
    return family
  }
}
