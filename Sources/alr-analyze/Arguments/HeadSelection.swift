import AttentionAnalysis
import Reporting

/// `--layers` and `--heads`: which heads of which layers a figure or a table is about.
///
/// `--heads 0.1,10.3` names single heads as LAYER.HEAD; `--heads 0,4-6` means these heads of every
/// layer, or of those that `--layers` names; `--layers` alone means all of their heads; `all` means
/// all.
struct HeadSelection {
  static let layers = OptionSpec.value(
    "layers", "L,...", "layers of figures that show single heads, such as 0,8-11, or all")
  static let heads = OptionSpec.value(
    "heads", "H,...",
    "heads of such figures: LAYER.HEAD such as 0.1,10.3, or of the layers chosen such as 0,4-6, "
      + "or all")

  /// In ascending order of layers, then heads; single heads as given. Empty where neither option
  /// is given.
  let indices: [HeadIndex]

  init(_ arguments: ParsedArguments, of model: ModelSummary) throws(UsageError) {
    let heads = arguments.value("heads")
    if let heads, heads.contains(".") {
      if arguments.has("layers") {
        throw .invalidValue(
          option: "heads", value: heads, expected: "heads without their layers beside --layers")
      }
      indices = try Self.single(heads, of: model)
      return
    }
    guard heads != nil || arguments.has("layers") else {
      indices = []
      return
    }
    let chosenLayers = try Self.numbers(
      "layers", arguments.value("layers") ?? "all", below: model.layers)
    let chosenHeads = try Self.numbers("heads", heads ?? "all", below: model.heads)
    indices = chosenLayers.flatMap { layer in
      chosenHeads.map { HeadIndex(layer: layer, head: $0) }
    }
  }

  /// `0.1,10.3`
  private static func single(
    _ text: String, of model: ModelSummary
  ) throws(UsageError) -> [HeadIndex] {
    var indices: [HeadIndex] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: ".", omittingEmptySubsequences: false).map(number)
      guard numbers.count == 2, let layer = numbers[0], let head = numbers[1],
        layer < model.layers, head < model.heads
      else {
        throw .invalidValue(
          option: "heads", value: text,
          expected: "LAYER.HEAD,... below \(model.layers).\(model.heads)")
      }
      indices.append(HeadIndex(layer: layer, head: head))
    }
    return indices
  }

  /// `0,4-6` in ascending order, each once.
  static func numbers(
    _ option: String, _ text: String, below count: Int
  ) throws(UsageError) -> [Int] {
    if text == "all" { return Array(0..<max(count, 0)) }
    var chosen: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(number)
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first <= last, last < count
      else {
        throw .invalidValue(
          option: option, value: text, expected: "numbers below \(count) such as 0,2-3, or all")
      }
      chosen.formUnion(first...last)
    }
    return chosen.sorted()
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
