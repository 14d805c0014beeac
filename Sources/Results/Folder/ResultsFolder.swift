import ModelFiles

/// The folder of one run's results: the only interface between measuring and showing.
///
/// ```swift
/// let folder = ResultsFolder("alr-results/SmolLM2-135M")
/// try folder.prepare(for: identity, force: false)   // before hours of measuring
/// try folder.write(result, runInfo: info, force: false)
/// let same = try folder.read()
/// ```
public struct ResultsFolder: Sendable {
  /// The facts that make two runs the same run: equal ones give equal bytes.
  public struct Identity: Sendable, Equatable {
    public var model: ModelSummary
    public var corpus: CorpusSummary
    public var protocolSummary: ProtocolSummary

    public init(
      model: ModelSummary, corpus: CorpusSummary, protocolSummary: ProtocolSummary
    ) {
      self.model = model
      // The same tokens are the same corpus, whatever else lies in its folder.
      self.corpus = corpus
      self.corpus.reading = nil
      self.protocolSummary = protocolSummary
    }

    public init(_ result: AnalysisResult) {
      self.init(
        model: result.model, corpus: result.corpus, protocolSummary: result.protocolSummary)
    }

    private var ropeText: String { protocolSummary.rope ?? "as the checkpoint says" }

    private var errorText: String { protocolSummary.hasOutputError ? "measured" : "not measured" }

    /// What this run has, and then what `other` has, of the first field that differs.
    func difference(from other: Identity) -> String? {
      if self == other { return nil }
      func differing<Value: Equatable>(
        _ name: String, _ field: KeyPath<Identity, Value>
      ) -> String? {
        let (own, others) = (self[keyPath: field], other[keyPath: field])
        return own == others
          ? nil : "\(name) \("\(own)".prefix(60)), not \("\(others)".prefix(60))"
      }
      if let difference = differing("model", \.model.name) { return difference }
      if model != other.model { return "another model of the same name" }
      let corpusDifference =
        differing("corpus", \.corpus.name) ?? differing("chunks", \.corpus.chunks)
        ?? differing("chunk length", \.corpus.chunkLength) ?? differing("BOS", \.corpus.bos)
      if let corpusDifference { return corpusDifference }
      if corpus != other.corpus { return "other tokens of a corpus of the same name" }
      return differing("query", \.protocolSummary.query)
        ?? differing("score", \.protocolSummary.score)
        ?? differing("precision", \.protocolSummary.precision)
        ?? differing("instruction set", \.protocolSummary.isa)
        ?? differing("rotation", \.ropeText) ?? differing("output errors", \.errorText)
    }
  }

  /// A file that goes beside the results, such as a figure.
  public struct Attachment: Sendable, Equatable {
    /// Relative to the folder; may name a subfolder, for example `figures/alr.svg`.
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  static let resultName = "result.json"
  static let arraysName = "arrays.npz"
  /// Names that only a run writes, besides `result.json`.
  private static let ownNames = [
    arraysName, "heads.csv", "kv_heads.csv", "layers.csv", "run.json", "report.html", "figures",
    captureName,
  ]
  /// The capture that `analyze` makes beside a run.
  public static let captureName = CaptureFormat.npz.fileName

  /// As it was given.
  public let path: String
  /// Where writing goes, whatever becomes of links on the way while a run lasts.
  private let place: Result<OutputPlace, OutputPlace.Problem>

  public init(_ path: String) {
    self.path = path
    place = Result { () throws(OutputPlace.Problem) in try OutputPlace(path) }
  }

  private var writer: FolderWriter { FolderWriter(path: path, place: place) }

  /// Checks, before anything is measured, that the results may and can be written here.
  ///
  /// Creates nothing.
  /// - Throws: `ResultsFolderError` where the folder cannot be written, or holds a different run
  ///   and `force` is false.
  public func prepare(for identity: Identity, force: Bool) throws(ResultsFolderError) {
    try writer.check()
    if !force { try checkContents(identity) }
  }

  /// Writes every file of the result; each is whole or absent, and `result.json` comes last.
  ///
  /// - Parameters:
  ///   - runInfo: `run.json`, what may differ between equal runs.
  ///   - attachments: reports and figures.
  ///   - stale: attachments of an earlier writing of the same run that go away where this one does
  ///     not bring them; its capture is always one.
  ///   - force: whether to overwrite a different run.
  public func write(
    _ result: AnalysisResult, runInfo: JSONValue, attachments: [Attachment] = [],
    replacing stale: [String] = [], force: Bool
  ) throws(ResultsFolderError) {
    let identity = Identity(result)
    try prepare(for: identity, force: force)
    let archive: [UInt8]
    do throws(NPZError) {
      archive = try ResultArchive.bytes(result.arrays)
    } catch {
      throw ResultsFolderError(path: path(to: Self.arraysName), problem: .array(error.problem))
    }
    var files = [
      Attachment(name: "heads.csv", bytes: Array(ResultTables.heads(result).utf8)),
      Attachment(name: "kv_heads.csv", bytes: Array(ResultTables.kvHeads(result).utf8)),
      Attachment(name: "layers.csv", bytes: Array(ResultTables.layers(result).utf8)),
      Attachment(name: Self.arraysName, bytes: archive),
      Attachment(name: "run.json", bytes: JSONWriter.bytes(of: runInfo)),
    ]
    files += attachments
    files.append(
      Attachment(name: Self.resultName, bytes: JSONWriter.bytes(of: ResultFormat.json(result))))
    // A different run's files must not stand beside this one's, nor a capture of another prompt:
    // which prompt was captured is no part of what makes a run the same.
    // In a folder without results, though, what has such a name may be someone's own.
    let isOther = force && holdsResult && (try? checkContents(identity)) == nil
    try writer.write(
      files,
      replacing: isOther ? Self.ownNames + [Self.resultName] : [Self.captureName] + stale)
  }

  private var holdsResult: Bool {
    guard let place = try? place.get() else { return false }
    return (FilePath(place.path) / Self.resultName).kind != .missing
  }

  /// Checks that a capture may be stored here as `name`; creates nothing.
  ///
  /// - Throws: `ResultsFolderError` where the folder cannot be written, where there is a capture of
  ///   that name and `force` is false, and where that file is no capture, such as a model's
  ///   weights.
  public func prepareCapture(named name: String, force: Bool) throws(ResultsFolderError) {
    try writer.check()
    guard let place = try? place.get() else { return }
    let file = FilePath(place.path) / name
    if file.kind == .missing { return }
    guard CaptureReader.isCapture(file.description) else {
      throw ResultsFolderError(path: path, problem: .foreignFile(file: name))
    }
    if !force { throw ResultsFolderError(path: path, problem: .unknownContents(file: name)) }
  }

  /// Whether files could be written here; creates nothing.
  public func checkWritable() throws(ResultsFolderError) { try writer.check() }

  /// Writes files beside the results, or into a folder of their own, replacing those of the same
  /// names.
  public func add(_ attachments: [Attachment]) throws(ResultsFolderError) {
    try writer.write(attachments)
  }

  /// Reads the result back, checking everything.
  ///
  /// - Throws: `ResultsFolderError` naming the file, the field and the broken rule.
  public func read() throws(ResultsFolderError) -> AnalysisResult {
    let contents = try readResult()
    let shape = ResultArchive.Shape(contents)
    let arrays: ResultArrays
    do throws(ResultsFolderProblem) {
      arrays = try ResultArchive.read(path(to: Self.arraysName), shape)
    } catch {
      throw ResultsFolderError(path: path(to: Self.arraysName), problem: error)
    }
    return AnalysisResult(
      tool: contents.tool, model: contents.model, corpus: contents.corpus,
      protocolSummary: contents.protocolSummary, heads: contents.heads,
      kvHeads: contents.kvHeads, layers: contents.layers,
      recommendation: contents.recommendation, arrays: arrays)
  }

  private func readResult() throws(ResultsFolderError) -> ResultReader.Contents {
    let file = path(to: Self.resultName)
    do throws(ResultsFolderProblem) {
      return try ResultReader.read(Self.document(file))
    } catch {
      throw ResultsFolderError(path: file, problem: error)
    }
  }

  static func document(_ path: String) throws(ResultsFolderProblem) -> JSONDocument {
    let file: MappedFile
    do throws(FileProblem) { file = try MappedFile(path) } catch { throw .file(error) }
    do throws(JSONError) {
      return try file.withBytes { bytes throws(JSONError) in try JSONDocument(parsing: bytes) }
    } catch {
      throw .json(error)
    }
  }

  /// Refuses a folder with the results of another run, or with files that may be.
  private func checkContents(_ identity: Identity) throws(ResultsFolderError) {
    guard let place = try? place.get() else { return }
    let folder = FilePath(place.path)
    guard (folder / Self.resultName).kind != .missing else {
      for name in Self.ownNames where (folder / name).kind != .missing {
        throw ResultsFolderError(path: path, problem: .unknownContents(file: name))
      }
      // Nobody wants two dozen files among a model's, or in a home folder.
      if let other = folder.entries.first(where: { !$0.hasPrefix(".") }) {
        throw ResultsFolderError(path: path, problem: .foreignContents(file: other))
      }
      return
    }
    guard let contents = try? ResultsFolder(place.path).readResult() else {
      throw ResultsFolderError(path: path, problem: .unknownContents(file: Self.resultName))
    }
    let existing = Identity(
      model: contents.model, corpus: contents.corpus, protocolSummary: contents.protocolSummary)
    if let difference = existing.difference(from: identity) {
      throw ResultsFolderError(path: path, problem: .differentRun(difference: difference))
    }
  }

  /// The path of a file in the folder.
  public func path(to name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }
}
