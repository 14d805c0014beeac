import ModelFiles

/// The folder of a comparison of scores: written whole.
public struct ComparisonFolder: Sendable {
  static let fileName = "compare.json"
  static let layersName = "compare_layers.csv"
  static let kvHeadsName = "compare_kv_heads.csv"

  /// As it was given.
  public let path: String
  private let place: Result<OutputPlace, OutputPlace.Problem>

  public init(_ path: String) {
    self.path = path
    place = Result { () throws(OutputPlace.Problem) in try OutputPlace(path) }
  }

  private var writer: FolderWriter { FolderWriter(path: path, place: place) }

  /// Checks, before anything is measured, that the comparison may and can be written here; creates
  /// nothing.
  ///
  /// - Parameter identity: of a comparison, the names of its scores as one, set apart by blanks.
  /// - Throws: `ResultsFolderError` where the folder cannot be written, or holds something else and
  ///   `force` is false.
  public func prepare(
    for identity: ResultsFolder.Identity, force: Bool
  ) throws(ResultsFolderError) {
    try writer.check()
    if !force { try checkContents(identity) }
  }

  /// Writes every file; each is whole or absent, and `compare.json` comes last.
  ///
  /// - Parameters:
  ///   - runInfo: `run.json`, what may differ between equal runs.
  ///   - attachments: figures.
  public func write(
    _ comparison: ScoreComparison, runInfo: JSONValue,
    attachments: [ResultsFolder.Attachment] = [], force: Bool
  ) throws(ResultsFolderError) {
    try prepare(for: comparison.identity, force: force)
    func table(_ places: [ComparedPlace], isByHead: Bool) -> [UInt8] {
      Array(ComparisonFormat.table(places, comparison, isByHead: isByHead).utf8)
    }
    var files = [
      ResultsFolder.Attachment(
        name: Self.layersName, bytes: table(comparison.layers, isByHead: false)),
      .init(name: Self.kvHeadsName, bytes: table(comparison.kvHeads, isByHead: true)),
      .init(name: "run.json", bytes: JSONWriter.bytes(of: runInfo)),
    ]
    files += attachments
    files.append(
      .init(
        name: Self.fileName, bytes: JSONWriter.bytes(of: ComparisonFormat.json(comparison))))
    try writer.write(files)
  }

  /// Refuses a folder with another comparison, or with files that may be someone's own.
  private func checkContents(_ identity: ResultsFolder.Identity) throws(ResultsFolderError) {
    guard let place = try? place.get() else { return }
    let folder = FilePath(place.path)
    let file = folder / Self.fileName
    guard file.kind != .missing else {
      if let other = folder.entries.first(where: { !$0.hasPrefix(".") }) {
        throw ResultsFolderError(path: path, problem: .foreignContents(file: other))
      }
      return
    }
    let existing: ResultsFolder.Identity
    do throws(ResultsFolderProblem) {
      existing = try ComparisonFormat.identity(of: ResultsFolder.document(file.description))
    } catch {
      throw ResultsFolderError(path: path, problem: .unknownContents(file: Self.fileName))
    }
    if let difference = existing.difference(from: identity) {
      throw ResultsFolderError(path: path, problem: .differentRun(difference: difference))
    }
  }
}
