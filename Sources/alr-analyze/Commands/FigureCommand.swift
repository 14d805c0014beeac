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
        OptionSpec(
          name: "figure", valueName: "NAME",
          choices: FigureRegistry.all.map { $0.name } + ["all"],
          help: "which figure: " + FigureRegistry.all.map { $0.name }.joined(separator: ", "),
          defaultValue: "all"),
        .choice("format", SceneFormat.allCases.map(\.rawValue), "file format", default: "svg"),
        OptionSpec(
          name: "color-map", valueName: "NAME", choices: ColorMap.all.map(\.name),
          help: "colours of heatmaps: " + ColorMap.all.map(\.name).joined(separator: ", "),
          defaultValue: "the figure's own"),
        .choice(
          "theme", ["light", "dark"], "background; html follows the reader's", default: "light"),
        .value("scale", "S", "pixels of a PNG a unit, 0.25 to 16", default: "2"),
        HeadSelection.layers,
        HeadSelection.heads,
        .value("out", "DIR", "folder to write to", default: "RESULTS/figures"),
        .flag("open", "show the file, or the folder of several, when written"),
      ],
      examples: [
        "alr-analyze figure alr-results/SmolLM2-135M --format png --scale 4",
        "alr-analyze figure alr-results/gpt2 --figure attention-loss --heads 0.0,10.3",
        "alr-analyze figure alr-results/gpt2 --figure scatter --heads all --open",
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
        heads: try HeadSelection(arguments, of: result.model).indices)

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
      if arguments.has("open") {
        let path = files.count == 1 ? "\(folder)/\(files[0].name)" : folder
        if let reason = Opener.open(path, environment: console.environment) {
          console.warn("\(path) is written but not shown: \(reason)")
        }
      }
    })

  /// The results folder that a path means: itself, or the one around a `result.json`.
  static func resultsFolder(of path: String) -> String {
    guard path == "result.json" || path.hasSuffix("/result.json") else { return path }
    let folder = path.dropLast("result.json".count + 1)
    return folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : String(folder)
  }
}
