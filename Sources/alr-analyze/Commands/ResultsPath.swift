import AttentionAnalysis
import Foundation

/// Where results or a capture are, as commands are told: a results folder or the `result.json` in
/// it, a capture's folder, or a capture file.
struct ResultsPath {
  /// A folder, or a capture file.
  let path: String

  init(_ given: String) {
    path =
      given == "result.json" || given.hasSuffix("/result.json") ? Self.split(given).folder : given
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

  /// The folder itself, or the one around the file.
  var folder: String { isCaptureFile ? Self.split(path).folder : path }

  /// The file itself, or one that the folder holds; `nil` where there is none.
  var captureFile: String? {
    if isCaptureFile { return path }
    return CaptureFormat.allCases.map { "\(path)/\($0.fileName)" }
      .first(where: FileManager.default.fileExists)
  }

  /// Whether a result is meant: a folder that holds neither is taken for a results folder, which
  /// says what is missing.
  var meansResult: Bool { !isCaptureFile && (captureFile == nil || holdsResult) }

  /// Whether there is a folder of something else.
  var isForeignFolder: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue && captureFile == nil && !holdsResult
  }

  private var holdsResult: Bool { FileManager.default.fileExists(atPath: "\(path)/result.json") }

  private var isCaptureFile: Bool { CaptureFormat(path: path) != nil }
}
