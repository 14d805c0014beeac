import AttentionAnalysis
import Reporting
import Results

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
    let chosenLayers = try arguments.indices("layers", below: model.layers)
    let chosenHeads = try arguments.indices("heads", below: model.heads)
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
      let numbers = part.split(separator: ".", omittingEmptySubsequences: false)
        .map(NumberList.number)
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
}
