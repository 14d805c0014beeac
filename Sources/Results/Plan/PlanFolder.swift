import ModelFiles

/// The folder that `plan` writes: plans, the frontier, and what others run of them.
public struct PlanFolder: Sendable {
  static let frontierName = "frontier.csv"
  /// The file of one plan alone.
  public static let usualName = "plan.json"

  /// As it was given.
  public let path: String
  private let writer: FolderWriter

  public init(_ path: String) {
    self.path = path
    writer = FolderWriter(
      path: path, place: Result { () throws(OutputPlace.Problem) in try OutputPlace(path) })
  }

  /// Writes every file; each is whole or absent.
  ///
  /// - Parameters:
  ///   - plans: by file name.
  ///   - attachments: figures, snippets, words.
  ///   - force: whether what is there of another plan, or of something else, is no hindrance.
  /// - Throws: `ResultsFolderError`.
  public func write(
    _ plans: [(name: String, plan: CompressionPlan)], _ frontier: PlanFrontier,
    attachments: [ResultsFolder.Attachment], force: Bool
  ) throws(ResultsFolderError) {
    try writer.check()
    let files =
      attachments + [.init(name: Self.frontierName, bytes: Array(frontier.csv.utf8))]
      + plans.map { .init(name: $0.name, bytes: Array($0.plan.json.utf8)) }
    if !force { try checkContents(files) }
    try writer.write(files)
  }

  /// Refuses a folder with files that the plan would not write, or with another plan.
  private func checkContents(
    _ files: [ResultsFolder.Attachment]
  ) throws(ResultsFolderError) {
    guard let place = try? writer.place.get() else { return }
    let folder = FilePath(place.path)
    let own = Set(files.map { $0.name.prefix { $0 != "/" } })
    for name in folder.entries where !name.hasPrefix(".") {
      guard own.contains(name[...]) else {
        throw ResultsFolderError(path: path, problem: .foreignContents(file: name))
      }
    }
    for file in files where file.name.hasSuffix(".json") {
      let existing = folder / file.name
      guard existing.kind == .file else { continue }
      let bytes = (try? MappedFile(existing.description))?.withBytes { Array($0) }
      if bytes != file.bytes {
        throw ResultsFolderError(
          path: path, problem: .differentRun(difference: "another \(file.name)"))
      }
    }
  }
}
