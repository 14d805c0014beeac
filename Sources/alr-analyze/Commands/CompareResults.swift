import AttentionAnalysis
import ModelFiles
import Reporting
import Results

/// `compare RESULTS RESULTS`: nothing is measured and nothing is written.
struct ResultsComparison {
  /// What may be said of how two results are compared.
  private static let options = ["json", "quiet"]

  private let paths: [String]
  private let printsJSON: Bool
  private let console: Console

  /// Whether the first argument is something that this tool made: then no model is meant.
  static func isMeant(_ arguments: ParsedArguments) -> Bool {
    guard let output = ToolOutput(arguments.positionals[0]) else { return false }
    // A model may lie among folders of results.
    if case .severalResults = output { return !WrongKind.isModel(arguments.positionals[0]) }
    return true
  }

  init(_ arguments: ParsedArguments, _ console: Console) throws(UsageError) {
    if let option = arguments.values.keys.sorted().first(where: { !Self.options.contains($0) }) {
      throw .optionWithoutEffect(option, on: "results")
    }
    if let surplus = arguments.positionals.dropFirst(2).first {
      throw .surplusArgument(surplus, command: "compare")
    }
    paths = arguments.positionals
    printsJSON = arguments.has("json")
    self.console = console
  }

  func run() throws {
    let results = try paths.map { path in
      let place = ResultsPath(path)
      try place.check(needsResult: true)
      return try place.readResult()
    }
    let comparison = RunComparison(results[0], results[1], tool: toolVersion)
    for limit in comparison.limits { console.warn("\(limit)") }
    if printsJSON { return try console.print(String(comparison.json.dropLast())) }
    try console.print(
      RunComparisonTable.render(comparison, style: console.outputTerminal.style))
  }
}
