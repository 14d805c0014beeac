import AttentionAnalysis
import ModelFiles
import Results

/// Where results, an evaluation or a capture are, as commands are told: a results folder or the
/// `result.json` in it, an evaluation's folder or the file that names it, a capture's folder, or a
/// capture file.
struct ResultsPath {
  /// A folder, or a capture file.
  let path: String

  init(_ given: String) {
    let (folder, name) = Self.split(given)
    let isNamed = name == "result.json" || Self.isEvaluation(given)
    path = isNamed ? folder : given
  }

  private static func isEvaluation(_ file: String) -> Bool {
    guard PathKind(file) == .file, case .evaluation? = ToolOutput(file) else { return false }
    return true
  }

  /// A path's folder and the name behind it; `.` for a bare name.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  func readResult() throws(ResultsFolderError) -> AnalysisResult {
    try ResultsFolder(path).read()
  }

  /// The evaluation that the folder holds; `nil` where there is none, or results that measured
  /// nothing of the kind.
  var evaluation: EvaluationFolder? {
    guard !isCaptureFile, !holdsResult else { return nil }
    let folder = EvaluationFolder(path)
    return folder.kind == nil ? nil : folder
  }

  /// The folder itself, or the one around the file.
  var folder: String { isCaptureFile ? Self.split(path).folder : path }

  /// The file itself, or one that the folder holds; `nil` where there is none.
  var captureFile: String? {
    if isCaptureFile { return path }
    return CaptureFormat.allCases.map { "\(path)/\($0.fileName)" }
      .first { PathKind($0).exists }
  }

  /// Whether a result is meant: a folder that holds neither is taken for a results folder, which
  /// says what is missing.
  var meansResult: Bool {
    !isCaptureFile && evaluation == nil && (captureFile == nil || holdsResult)
  }

  /// Refuses what is of another kind, by what it is.
  ///
  /// - Parameter needsResult: whether a capture will not do.
  /// - Throws: `WrongKind`, `ResultsFolderError` where nothing is there.
  func check(needsResult: Bool) throws {
    guard PathKind(path).exists else {
      throw ResultsFolderError(
        path: path,
        problem: .file(PathKind(path) == .danglingLink ? .danglingLink : .missing))
    }
    if holdsResult && !isCaptureFile { return }
    if !needsResult, evaluation != nil || mayBeCapture { return }
    throw WrongKind(path: path, needed: needsResult ? .results : .resultsOrCapture)
  }

  /// Whether there is a capture, or a file that could be a damaged one: reading it tells what is
  /// wrong.
  private var mayBeCapture: Bool {
    guard let captureFile, PathKind(captureFile) == .file else { return false }
    guard isCaptureFile else { return true }
    switch ToolOutput(captureFile) {
    case .capture: return true
    case nil:
      let signatures: [FileSignature?] = [
        .numPyArchive, .zipArchive, .safetensors, .binary, .empty,
      ]
      return signatures.contains(FileSignature(captureFile)) && !WrongKind.isModel(path)
    default: return false
    }
  }

  private var holdsResult: Bool { PathKind("\(path)/result.json").exists }

  private var isCaptureFile: Bool { CaptureFormat(path: path) != nil }
}
