import ModelFiles

/// The folder of one evaluation: written whole, read back warily.
public struct EvaluationFolder: Sendable {
  static let tokensName = "tokens.npz"
  static let keptName = "kept.npz"
  static let comparisonsName = "comparisons.csv"
  /// What stands beside the answers of any task.
  private static let companions = ["run.json", "report.html", "figures"]

  /// As it was given.
  public let path: String
  private let place: Result<OutputPlace, OutputPlace.Problem>

  public init(_ path: String) {
    self.path = path
    place = Result { () throws(OutputPlace.Problem) in try OutputPlace(path) }
  }

  private var writer: FolderWriter { FolderWriter(path: path, place: place) }

  /// The path of a file in the folder.
  public func path(to name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  /// Checks, before anything is measured, that the evaluation may and can be written here; creates
  /// nothing.
  ///
  /// - Parameter evaluation: what decides its numbers; its cells do not count.
  /// - Throws: `ResultsFolderError` where the folder cannot be written, or holds something else and
  ///   `force` is false.
  public func prepare(for evaluation: Evaluation, force: Bool) throws(ResultsFolderError) {
    try writer.check()
    if !force { try checkContents(evaluation) }
  }

  /// Writes every file; each is whole or absent, and the one that names the evaluation comes last.
  ///
  /// - Parameters:
  ///   - kept: positions that stay, an array for each setting and layer.
  ///   - runInfo: `run.json`, what may differ between equal runs.
  ///   - attachments: the report, figures, answers.
  ///   - stale: attachments of an earlier writing that go away where this one does not bring them.
  public func write(
    _ evaluation: Evaluation, kept: [(name: String, array: any StoredArray)] = [],
    runInfo: JSONValue, attachments: [ResultsFolder.Attachment] = [],
    replacing stale: [String] = [], force: Bool
  ) throws(ResultsFolderError) {
    try prepare(for: evaluation, force: force)
    var files = [
      ResultsFolder.Attachment(
        name: "\(evaluation.kind.rawValue).csv", bytes: Array(evaluation.csv.utf8))
    ]
    if !evaluation.comparisons.isEmpty {
      files.append(
        .init(name: Self.comparisonsName, bytes: Array(evaluation.comparisonsCSV.utf8)))
    }
    if let tokens = evaluation.tokens {
      let shape = [tokens.settings, tokens.chunks, tokens.positions]
      files.append(
        try archive(
          Self.tokensName,
          [
            ("nll", NumberArray(shape: shape, values: tokens.nll)),
            ("correct", NumberArray(shape: shape, values: tokens.correct)),
          ]))
    }
    if !kept.isEmpty { files.append(try archive(Self.keptName, kept)) }
    files.append(.init(name: "run.json", bytes: JSONWriter.bytes(of: runInfo)))
    files += attachments
    files.append(
      .init(
        name: evaluation.kind.fileName,
        bytes: JSONWriter.bytes(of: EvaluationFormat.json(evaluation))))
    try writer.write(files, replacing: [Self.keptName, Self.comparisonsName] + stale)
  }

  private func archive(
    _ name: String, _ arrays: [(name: String, array: any StoredArray)]
  ) throws(ResultsFolderError) -> ResultsFolder.Attachment {
    do throws(NPZError) {
      return .init(name: name, bytes: try NPZWriter.archive(arrays))
    } catch {
      throw ResultsFolderError(path: path(to: name), problem: .array(error.problem))
    }
  }

  /// The kind of evaluation that the folder holds; `nil` where it holds none.
  public var kind: Evaluation.Kind? {
    Evaluation.Kind.allCases.first { (FilePath(path) / $0.fileName).kind == .file }
  }

  /// Reads the evaluation back, checking everything.
  ///
  /// - Throws: `ResultsFolderError` naming the file, the field and the broken rule.
  public func read() throws(ResultsFolderError) -> Evaluation {
    let name = (kind ?? .lm).fileName
    var evaluation = try readFile(name)
    guard evaluation.kind == .lm else { return evaluation }
    let file = path(to: Self.tokensName)
    do throws(ResultsFolderProblem) {
      evaluation.tokens = try Self.tokens(file, evaluation)
    } catch {
      throw ResultsFolderError(path: file, problem: error)
    }
    return evaluation
  }

  private func readFile(_ name: String) throws(ResultsFolderError) -> Evaluation {
    do throws(ResultsFolderProblem) {
      return try EvaluationFormat.read(ResultsFolder.document(path(to: name)))
    } catch {
      throw ResultsFolderError(path: path(to: name), problem: error)
    }
  }

  private static func tokens(
    _ file: String, _ evaluation: Evaluation
  ) throws(ResultsFolderProblem) -> Evaluation.TokenArrays {
    guard let corpus = evaluation.corpus else { throw .missingField("corpus") }
    let shape = [evaluation.settings.count, corpus.chunks, corpus.chunkLength]
    var arrays: [[Double]] = []
    for name in ["nll", "correct"] {
      let array: NumberArray<Double>
      do throws(NPZError) {
        array = try NPZReader(file).array(name)
      } catch {
        throw .array(error.problem)
      }
      guard array.shape == shape else {
        throw .wrongShape(array: name, found: array.shape, expected: shape)
      }
      arrays.append(array.values)
    }
    return Evaluation.TokenArrays(
      settings: shape[0], chunks: shape[1], positions: shape[2], nll: arrays[0],
      correct: arrays[1])
  }

  /// Refuses a folder with the results of another evaluation, or with files that may be.
  private func checkContents(_ evaluation: Evaluation) throws(ResultsFolderError) {
    guard let place = try? place.get() else { return }
    let folder = FilePath(place.path)
    guard (folder / evaluation.kind.fileName).kind != .missing else {
      var own = [EvaluationJournal.fileName]
      // Beside answers, what a run writes before the file that names it is its own.
      if (folder / EvaluationJournal.fileName).kind == .file {
        own += Self.companions + ["\(evaluation.kind.rawValue).csv"]
      }
      if let other = folder.entries.first(where: { !$0.hasPrefix(".") && !own.contains($0) }) {
        throw ResultsFolderError(path: path, problem: .foreignContents(file: other))
      }
      return
    }
    guard let existing = try? EvaluationFolder(place.path).readFile(evaluation.kind.fileName) else {
      throw ResultsFolderError(
        path: path, problem: .unknownContents(file: evaluation.kind.fileName))
    }
    if let difference = existing.difference(from: evaluation) {
      throw ResultsFolderError(path: path, problem: .differentRun(difference: difference))
    }
  }
}

extension Evaluation {
  /// What this evaluation has, and then what `other` has, of the first field that differs and
  /// decides numbers; `nil` where they are the same run.
  func difference(from other: Evaluation) -> String? {
    func differing<Value: Equatable>(_ name: String, _ own: Value, _ others: Value) -> String? {
      own == others ? nil : "\(name) \("\(own)".prefix(60)), not \("\(others)".prefix(60))"
    }
    if let difference = differing("model", model.name, other.model.name) { return difference }
    if model != other.model { return "another model of the same name" }
    if let difference = differing("corpus", corpus?.name ?? "", other.corpus?.name ?? "")
      ?? differing("chunks", corpus?.chunks ?? 0, other.corpus?.chunks ?? 0)
      ?? differing("chunk length", corpus?.chunkLength ?? 0, other.corpus?.chunkLength ?? 0)
    {
      return difference
    }
    if corpus?.fingerprint != other.corpus?.fingerprint {
      return "other tokens of a corpus of the same name"
    }
    let others = Dictionary(
      other.protocolFacts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    for fact in protocolFacts {
      if let difference = differing(fact.name, fact.value, others[fact.name] ?? "none") {
        return difference
      }
    }
    if settings.count == other.settings.count, protocolFacts.count == other.protocolFacts.count {
      return zip(settings, other.settings).first { $0 != $1 }
        .map { "\($0.label), not \($1.label)" }
    }
    return differing("settings", settings.count, other.settings.count)
      ?? "other facts of the protocol"
  }
}
