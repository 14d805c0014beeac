import AttentionAnalysis
import Reporting

extension Command {
  /// `figure RESULTS`: the figures of a results folder again, as wanted.
  static let figure = Command(
    spec: CommandSpec(
      name: "figure",
      summary: "draw the figures of a results folder again, in any format, size and colour map",
      positionals: [PositionalSpec(name: "RESULTS", help: "a results folder")],
      options: [
        .choice(
          "figure", FigureRegistry.all.map { $0.name } + ["all"], "which figure", default: "all"),
        .choice("format", SceneFormat.allCases.map(\.rawValue), "file format", default: "svg"),
        OptionSpec(
          name: "color-map", valueName: "NAME", choices: ColorMap.all.map(\.name),
          help: "colours of heatmaps: " + ColorMap.all.map(\.name).joined(separator: ", "),
          defaultValue: "the figure's own"),
        .choice(
          "theme", ["light", "dark"], "background; html follows the reader's", default: "light"),
        .value("scale", "S", "pixels of a PNG a unit, 0.25 to 16", default: "2"),
        .value("heads", "L.H,...", "heads of figures that show single heads, such as 0.1,10.3"),
        .value("out", "DIR", "folder to write to", default: "RESULTS/figures"),
      ],
      examples: [
        "alr-analyze figure alr-results/SmolLM2-135M --format png --scale 4",
        "alr-analyze figure alr-results/gpt2 --figure attention-loss --heads 0.0,10.3",
      ]),
    run: { arguments, console in
      let format = arguments.value("format").flatMap(SceneFormat.init) ?? .svg
      let scale = try arguments.number("scale", in: 0.25...16) ?? 2
      let theme: Theme = arguments.value("theme") == "dark" ? .dark : .light
      let wanted = arguments.value("figure").flatMap(FigureRegistry.named)
      let results = resultsFolder(of: arguments.positionals[0])
      let result = try ResultsFolder(results).read()
      let options = FigureOptions(
        colorMap: arguments.value("color-map").flatMap(ColorMap.named),
        heads: try heads(arguments, of: result.model))

      let figures = wanted.map { [$0] } ?? FigureRegistry.all
      let files = figures.map { figure in
        let scene = figure.scene(result, options: options)
        return ResultsFolder.Attachment(
          name: "\(figure.name).\(format.rawValue)",
          bytes: format.encode(scene, theme: theme, scale: scale))
      }
      let folder = arguments.value("out") ?? results + "/figures"
      try ResultsFolder(folder).add(files)
      for file in files { try console.print("\(folder)/\(file.name)") }
    })

  /// The results folder that a path means: itself, or the one around a `result.json`.
  private static func resultsFolder(of path: String) -> String {
    guard path == "result.json" || path.hasSuffix("/result.json") else { return path }
    let folder = path.dropLast("result.json".count + 1)
    return folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : String(folder)
  }

  /// `--heads`, each within the model.
  private static func heads(
    _ arguments: ParsedArguments, of model: ModelSummary
  ) throws(UsageError) -> [HeadIndex] {
    guard let text = arguments.value("heads") else { return [] }
    var heads: [HeadIndex] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let layer = numbers[0], let head = numbers[1],
        (0..<model.layers).contains(layer), (0..<model.heads).contains(head)
      else {
        throw .invalidValue(
          option: "heads", value: text,
          expected: "LAYER.HEAD,... below \(model.layers).\(model.heads)")
      }
      heads.append(HeadIndex(layer: layer, head: head))
    }
    return heads
  }
}
