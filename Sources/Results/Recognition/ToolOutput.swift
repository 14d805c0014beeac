import ModelFiles

/// What of this tool's outputs a path is, as far as names and first bytes tell: for saying what was
/// given in place of what a command needs.
public enum ToolOutput: Sendable, Equatable {
  /// A results folder.
  case results(folder: String)
  /// A file or folder in a results folder.
  case partOfResults(folder: String)
  /// What compression does to a model: the folder of an evaluation.
  case evaluation(folder: String)
  /// A capture file, or a folder that holds one.
  case capture(path: String)
  /// A folder without results of its own that holds folders of them, such as `alr-results`.
  case severalResults(folders: [String])
  /// Files of a run that did not come to its `result.json`.
  case incompleteResults(found: String)
  /// What another version of the tool writes: a file and what its `schema` says.
  case other(file: String, schema: String)

  /// Looks at `path`; `nil` where nothing of the tool's is there.
  public init?(_ path: String) {
    let place = FilePath(path)
    switch place.kind {
    case .folder:
      guard let output = Self.folder(place) ?? Self.enclosing(place) else { return nil }
      self = output
    case .file:
      guard let output = Self.file(place) ?? Self.enclosing(place) else { return nil }
      self = output
    default: return nil
    }
  }

  private static func holdsResults(_ folder: FilePath) -> Bool {
    FileSignature((folder / ResultsFolder.resultName).description)
      == .ownJSON(schema: ResultFormat.schema)
  }

  private static func holdsEvaluation(_ folder: FilePath) -> Bool {
    Evaluation.Kind.allCases.contains {
      FileSignature((folder / $0.fileName).description)
        == .ownJSON(schema: EvaluationFormat.schema)
    }
  }

  private static func folder(_ folder: FilePath) -> ToolOutput? {
    if holdsResults(folder) { return .results(folder: folder.description) }
    if holdsEvaluation(folder) { return .evaluation(folder: folder.description) }
    let names = folder.entries.filter { !$0.hasPrefix(".") }
    if let capture = CaptureFormat.allCases.map(\.fileName).first(where: names.contains),
      CaptureReader.isCapture((folder / capture).description)
    {
      return .capture(path: (folder / capture).description)
    }
    for name in names.prefix(200) where name.hasSuffix(".json") {
      if case .ownJSON(let schema)? = FileSignature((folder / name).description) {
        return .other(file: name, schema: schema)
      }
    }
    if names.contains(ResultsFolder.arraysName), let table = names.first(where: isTable) {
      return .incompleteResults(found: table)
    }
    let folders = names.prefix(200).map { folder / $0 }
      .filter { holdsResults($0) || holdsEvaluation($0) }
    return folders.isEmpty ? nil : .severalResults(folders: folders.map(\.description))
  }

  private static func isTable(_ name: String) -> Bool {
    ["heads.csv", "kv_heads.csv", "layers.csv"].contains(name)
  }

  private static func file(_ file: FilePath) -> ToolOutput? {
    if case .ownJSON(let schema)? = FileSignature(file.description) {
      return switch schema {
      case ResultFormat.schema: .results(folder: file.parent.description)
      case EvaluationFormat.schema: .evaluation(folder: file.parent.description)
      default: .other(file: file.lastComponent, schema: schema)
      }
    }
    return CaptureReader.isCapture(file.description) ? .capture(path: file.description) : nil
  }

  /// The results folder that `place` is a known part of.
  private static func enclosing(_ place: FilePath) -> ToolOutput? {
    let isPart =
      isTable(place.lastComponent)
      || [
        ResultsFolder.arraysName, "run.json", "report.html", "figures", EvaluationFolder.tokensName,
        EvaluationFolder.keptName, EvaluationJournal.fileName,
      ].contains(place.lastComponent)
      || Evaluation.Kind.allCases.contains { "\($0.rawValue).csv" == place.lastComponent }
    guard isPart, holdsResults(place.parent) || holdsEvaluation(place.parent) else { return nil }
    return .partOfResults(folder: place.parent.description)
  }
}

extension ToolOutput: CustomStringConvertible {
  /// What it is and what reads it, such as `a capture, which figure draws`.
  public var description: String {
    switch self {
    case .results: "results of analyze, which figure and table read"
    case .partOfResults(let folder): "a part of the results in \(folder)"
    case .evaluation: "an evaluation, which figure draws"
    case .capture: "a capture, which figure draws"
    case .severalResults(let folders):
      "a folder of results: " + folders.prefix(5).joined(separator: ", ")
        + (folders.count > 5 ? ", …" : "")
    case .incompleteResults(let found):
      "a folder with \(found) but no result.json, so the run did not end or files were removed"
    case .other(let file, let schema):
      "an output of another kind (\(printable(file)) is \(printable(schema)))"
    }
  }
}
