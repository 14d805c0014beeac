import AttentionAnalysis
import Foundation
import Reporting
import Results

extension Command {
  /// `figure RESULTS`: the figures of results, an evaluation or a capture again, as wanted.
  static let figure = Command(
    spec: CommandSpec(
      name: "figure",
      summary: "draw the figures of results or a capture again, in any format, size and colour map",
      positionals: [
        PositionalSpec(
          name: "RESULTS",
          help: "a folder of results, an evaluation or a capture, or a capture file")
      ],
      options: [
        OptionSpec(
          name: "figure", valueName: "NAME", choices: figures.map(\.name) + ["all"],
          help: "which figure, of those below", defaultValue: "all"),
        .choice("format", "file format", default: SceneFormat.svg),
        OptionSpec(
          name: "color-map", valueName: "NAME", choices: ColorMap.all.map(\.name),
          help: "colours of heatmaps: " + ColorMap.all.map(\.name).joined(separator: ", "),
          defaultValue: "the figure's own"),
        .choice(
          "theme", ["light", "dark"], "background; html follows the reader's", default: "light"),
        .value("scale", "S", "pixels of a PNG a unit, 0.25 to 16", default: "2"),
        HeadSelection.layers,
        HeadSelection.heads,
        .value("positions", "LIST", "positions that key-vector shows, such as 0,3-5"),
        .value(
          "step", "QUERY", "the query from which peak-dimensions changes keys",
          default: "the middle"),
        .value(
          "dimensions", "D", "dimensions of a key that peak-dimensions zeroes",
          default: "one in 32"),
        .value(
          "pool", "N", "points along the input averaged into one", default: "as the plot has room"),
        .value("skip", "N", "points along the input left out at its beginning", default: "30"),
        .path("out", "DIR", "folder to write to", default: "RESULTS/figures"),
        .flag("open", "show the file, or the folder of several, when written"),
      ],
      glossary: CommandSpec.Glossary(title: "Figures", entries: figures),
      examples: [
        "alr-analyze figure alr-results/SmolLM2-135M --format png --scale 4",
        "alr-analyze figure alr-results/gpt2 --figure attention-loss --heads 0.0,10.3",
        "alr-analyze figure alr-results/gpt2 --figure scatter --heads all --open",
        "alr-analyze figure capture.npz --figure attention-map --layers 9",
        "alr-analyze figure alr-results/gpt2-lm --figure log-perplexity --pool 50",
      ]),
    run: { arguments, console in try FigureDrawing(arguments, console).run() })

  /// Those of results, then those of captures and of evaluations.
  private static var figures: [(name: String, help: String)] {
    FigureRegistry.all.map { ($0.name, $0.summary) }
      + FigureRegistry.captures.map { ($0.name, $0.summary) }
      + EvaluationFigures.all.map { ($0.name, $0.summary) }
  }
}

/// One run of `figure`.
private struct FigureDrawing {
  /// A figure that cannot be drawn.
  enum Problem: ExitCoded, Equatable, CustomStringConvertible {
    case noCapture(path: String)
    case noResult(figure: String, path: String, has: String)
    case noEvaluation(figure: String, path: String)
    /// `figures`: those that show what was evaluated.
    case otherEvaluation(figure: String, path: String, kind: Evaluation.Kind, figures: [String])
    case notCaptured(figure: String, missing: [CapturePart])

    var exitCode: ExitCode { self.isMissing ? .noInput : .badInput }
    private var isMissing: Bool {
      switch self {
      case .noCapture, .noResult, .noEvaluation: true
      case .otherEvaluation, .notCaptured: false
      }
    }

    var description: String {
      switch self {
      case .noCapture(let path):
        "\(path): holds no capture; capture makes one, and so does analyze --capture"
      case .noResult(let figure, let path, let found):
        "\(path): holds \(found) but no results, which \(figure) shows; analyze makes them"
      case .noEvaluation(let figure, let path):
        "\(path): holds no evaluation, which \(figure) shows; evaluate makes one"
      case .otherEvaluation(let figure, let path, let kind, let figures):
        "\(path): holds an evaluation of \(kind.rawValue), which \(figure) does not show; "
          + "\(figures.joined(separator: ", ")) \(figures.count == 1 ? "does" : "do")"
      case .notCaptured(let figure, let missing):
        "\(figure) needs \(missing.map(\.rawValue).joined(separator: ", ")), which the capture "
          + "lacks: see capture --what"
      }
    }
  }

  private let arguments: ParsedArguments
  private let console: Console
  private let format: SceneFormat
  private let scale: Double
  private let theme: Theme
  /// `nil` for all there are.
  private let wanted: String?
  private let source: ResultsPath

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    format = arguments.choice("format", default: .svg)
    scale = try arguments.number("scale", in: 0.25...16) ?? 2
    theme = arguments.value("theme") == "dark" ? .dark : .light
    wanted = arguments.value("figure").flatMap { $0 == "all" ? nil : $0 }
    source = ResultsPath(arguments.positionals[0])
  }

  func run() throws {
    var files: [ResultsFolder.Attachment] = []
    try source.check(needsResult: false)
    if let wanted, FigureRegistry.named(wanted) != nil, !source.meansResult {
      throw Problem.noResult(
        figure: wanted, path: source.path,
        has: source.evaluation == nil ? "a capture" : "an evaluation")
    }
    if wanted.map({ EvaluationFigures.named($0) != nil }) ?? (source.evaluation != nil) {
      files += try drawEvaluation()
    }
    if wanted.map({ FigureRegistry.named($0) != nil }) ?? source.meansResult {
      files += try drawResult()
    }
    if wanted.map({ FigureRegistry.capture(named: $0) != nil }) ?? (source.captureFile != nil) {
      files += try drawCapture()
    }
    let target = ResultsFolder(
      arguments.value("out") ?? ResultsFolder(source.folder).path(to: "figures"))
    try target.add(files)
    for file in files { try console.print(Console.line(target.path(to: file.name))) }
    guard arguments.has("open") else { return }
    let written = files.count == 1 ? target.path(to: files[0].name) : target.path
    if let reason = Opener.open(written, environment: console.environment) {
      console.warn("\(written) is written but not shown: \(reason)")
    }
  }

  private func drawResult() throws -> [ResultsFolder.Attachment] {
    let result = try source.readResult()
    let options = FigureOptions(
      colorMap: arguments.value("color-map").flatMap(ColorMap.named),
      heads: try HeadSelection(arguments, of: result.model).indices)
    let figures = wanted.flatMap(FigureRegistry.named).map { [$0] } ?? FigureRegistry.all
    return figures.map { file($0.scene(result, options: options), named: $0.name) }
  }

  private func drawEvaluation() throws -> [ResultsFolder.Attachment] {
    guard let folder = source.evaluation else {
      throw Problem.noEvaluation(figure: wanted ?? "", path: source.path)
    }
    let evaluation = try folder.read()
    let usual = EvaluationFigures.of(evaluation)
    let figures =
      wanted == nil
      ? usual
      : EvaluationFigures.of(evaluation.kind).filter {
        $0.name == wanted && $0.shows(evaluation)
      }
    if let wanted, figures.isEmpty {
      throw Problem.otherEvaluation(
        figure: wanted, path: source.path, kind: evaluation.kind, figures: usual.map { $0.name })
    }
    let last = max(1, (evaluation.tokens?.positions ?? .max) - 1)
    let options = FigureOptions(
      colorMap: arguments.value("color-map").flatMap(ColorMap.named),
      pool: try arguments.integer("pool", maximum: last),
      skip: arguments.value("skip") == "0"
        ? 0 : try arguments.integer("skip", maximum: last) ?? FigureOptions.usualSkip)
    return figures.map { file($0.scene(evaluation, options: options), named: $0.name) }
  }

  private func drawCapture() throws -> [ResultsFolder.Attachment] {
    guard let captureFile = source.captureFile else { throw Problem.noCapture(path: source.path) }
    let capture = try PromptCapture.read(captureFile)
    let heads = try HeadSelection(arguments, of: capture.model).indices
    let captured = heads.filter {
      capture.index(ofLayer: $0.layer) != nil && capture.heads.contains($0.head)
    }
    // Single heads must all be there; of layers and of all, what was captured counts.
    let namesHeads = arguments.value("heads")?.contains(".") ?? false
    if wanted != nil,
      captured.isEmpty && !heads.isEmpty || namesHeads && captured.count < heads.count
    {
      throw UsageError.invalidValue(
        option: arguments.has("heads") ? "heads" : "layers",
        value: arguments.value("heads") ?? arguments.value("layers") ?? "",
        expected: "among the captured layers and heads")
    }
    let count = capture.tokens.count
    let step = try arguments.integer("step", maximum: max(1, count - 1))
    let dimensions = try arguments.integer(
      "dimensions", maximum: max(1, capture.model.headDim / 2))
    let options = FigureOptions(
      colorMap: arguments.value("color-map").flatMap(ColorMap.named), heads: captured,
      positions: arguments.has("positions")
        ? try arguments.indices("positions", below: count) : [],
      peaks: wanted == nil || wanted == PeakDimensionsFigure.name
        ? capture.peaks(of: captured, .init(step: step, dimensions: dimensions)) : [])

    var files: [ResultsFolder.Attachment] = []
    for figure in FigureRegistry.captures where wanted == nil || figure.name == wanted {
      if figure.isPossible(with: capture) {
        files.append(file(figure.scene(capture, options: options), named: figure.name))
        continue
      }
      let problem = Problem.notCaptured(
        figure: figure.name, missing: figure.needs.filter { !capture.parts.contains($0) })
      if wanted != nil { throw problem }
      console.warn("\(problem)")
    }
    return files
  }

  private func file(_ scene: Scene, named name: String) -> ResultsFolder.Attachment {
    ResultsFolder.Attachment(
      name: "\(name).\(format.rawValue)",
      bytes: format.encode(scene, theme: theme, scale: scale))
  }
}
