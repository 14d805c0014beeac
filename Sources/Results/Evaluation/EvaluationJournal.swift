import ModelFiles

/// The answers of a model to an evaluation's questions, a line each as they come: what an
/// interrupted run left is not asked again.
///
/// `answers.jsonl`: the first line says whose answers they are, every other line is one answer.
public final class EvaluationJournal {
  public static let fileName = "answers.jsonl"
  private static let schema = "alr-answers/1"

  /// One answer.
  public struct Answer: Sendable, Equatable {
    /// What asks the same question in the same setting again.
    public var key: String
    public var response: String
    /// By name.
    public var scores: [(name: String, value: Double)]

    public init(key: String, response: String, scores: [(name: String, value: Double)]) {
      self.key = key
      self.response = response
      self.scores = scores
    }

    public static func == (a: Answer, b: Answer) -> Bool {
      a.key == b.key && a.response == b.response && a.scores.map(\.name) == b.scores.map(\.name)
        && a.scores.map(\.value) == b.scores.map(\.value)
    }
  }

  /// Answers by their keys.
  public private(set) var answers: [String: Answer] = [:]
  private let path: String
  private let file: AppendingFile

  /// Opens the journal of a folder, and begins one where there is none.
  ///
  /// - Parameters:
  ///   - identity: what decides answers, such as model and protocol.
  ///   - force: whether one of other answers goes.
  /// - Throws: `ResultsFolderError` where it cannot be written, or holds other answers.
  public init(
    folder: String, identity: JSONValue, force: Bool = false
  ) throws(ResultsFolderError) {
    let place = FilePath(folder)
    path = (place / Self.fileName).description
    let head = Self.line(["schema": .string(Self.schema), "run": identity])
    let present = (try? MappedFile(path).withBytes { [UInt8]($0) }) ?? []
    var kept = 0
    if present.starts(with: head) {
      kept = head.count
      // What stands behind the last line feed was cut short, and is asked again.
      for line in present[kept...].split(separator: 0x0A, omittingEmptySubsequences: false)
        .dropLast()
      {
        if let answer = Self.answer(line) { answers[answer.key] = answer }
        kept += line.count + 1
      }
    } else if !present.isEmpty, !force {
      throw ResultsFolderError(path: folder, problem: .unknownContents(file: Self.fileName))
    }
    do throws(SystemError) {
      try FileTree.makeFolders(of: place.fromRoot.description + "/.", in: FilePath("/"))
      file = try AppendingFile(place / Self.fileName, keeping: kept)
      if kept == 0 { try file.append(head) }
    } catch {
      throw ResultsFolderError(path: path, problem: .cannotWrite(reason: error.reason))
    }
  }

  /// Keeps an answer, on disk too.
  public func append(_ answer: Answer) throws(ResultsFolderError) {
    answers[answer.key] = answer
    let line = Self.line([
      "key": .string(answer.key), "response": .string(answer.response),
      "scores": .object(answer.scores.map { .init($0.name, .double($0.value)) }),
    ])
    do throws(SystemError) {
      try file.append(line)
    } catch {
      throw ResultsFolderError(path: path, problem: .cannotWrite(reason: error.reason))
    }
  }

  private static func line(_ value: JSONValue) -> [UInt8] {
    JSONWriter.bytes(of: value, style: .compact) + [0x0A]
  }

  private static func answer(_ line: ArraySlice<UInt8>) -> Answer? {
    guard let document = try? JSONDocument(parsing: Array(line)),
      let key = document.root["key"]?.string, let response = document.root["response"]?.string,
      let scores = document.root["scores"]
    else { return nil }
    return Answer(
      key: key, response: response,
      scores: scores.members.compactMap { member in
        member.value.double.map { (member.key, $0) }
      })
  }
}
