import Foundation
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
  private let handle: FileHandle

  /// Opens the journal of a folder, and begins one where there is none, or one of other answers.
  ///
  /// - Parameter identity: what decides answers, such as model and protocol.
  /// - Throws: `ResultsFolderError` where it cannot be written.
  public init(folder: String, identity: JSONValue) throws(ResultsFolderError) {
    path = folder.hasSuffix("/") ? folder + Self.fileName : "\(folder)/\(Self.fileName)"
    let head = Self.line(["schema": .string(Self.schema), "run": identity])
    var kept = head
    if let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasPrefix(head) {
      for line in text.dropFirst(head.count).split(separator: "\n") {
        // A line that was cut short is asked again.
        guard let answer = Self.answer(String(line)) else { continue }
        answers[answer.key] = answer
        kept += line + "\n"
      }
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(kept.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.seekToEnd()
    } catch {
      throw ResultsFolderError(path: path, problem: .cannotWrite(reason: Self.reason(error)))
    }
  }

  deinit { try? handle.close() }

  /// Keeps an answer, on disk too.
  public func append(_ answer: Answer) throws(ResultsFolderError) {
    answers[answer.key] = answer
    let line = Self.line([
      "key": .string(answer.key), "response": .string(answer.response),
      "scores": .object(answer.scores.map { .init($0.name, .double($0.value)) }),
    ])
    do {
      try handle.write(contentsOf: Data(line.utf8))
    } catch {
      throw ResultsFolderError(path: path, problem: .cannotWrite(reason: Self.reason(error)))
    }
  }

  private static func line(_ value: JSONValue) -> String {
    JSONWriter.string(of: value, style: .compact) + "\n"
  }

  private static func reason(_ error: any Error) -> String {
    ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.localizedDescription
      ?? error.localizedDescription
  }

  private static func answer(_ line: String) -> Answer? {
    guard let document = try? JSONDocument(parsing: Array(line.utf8)),
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
