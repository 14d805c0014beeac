import AttentionAnalysis
import ModelFiles
import Results
import Tokenization

/// Something was given in the place of something else: what it is, and what to do.
struct WrongKind: ExitCoded, CustomStringConvertible {
  enum Needed: Sendable {
    case model, tokenizer, text, results, resultsOrCapture
  }

  let path: String
  let needed: Needed
  /// What opening it as a model said.
  var refusal: CheckpointError?

  var exitCode: ExitCode { .badInput }

  var description: String { "\(path): \(words)" }

  private var words: String {
    let output = ToolOutput(path)
    switch needed {
    case .model:
      if let output { return "\(output), not a model: name the model's weights or folder" }
      return refusal.map { "\($0.problem)" } ?? "not a model"
    case .tokenizer:
      if let output { return "\(output), not a tokenizer: name the model's folder" }
      return "not a tokenizer but a part of a model's folder: name that folder"
    case .text:
      let what = output.map { "\($0)" } ?? FileSignature(path).map { "\($0)" } ?? "a model"
      return FileSignature(path) == .gitLFSPointer
        ? "\(what), not the text: fetch it with \"git lfs pull\""
        : "\(what), not a text: name text files"
    case .results, .resultsOrCapture:
      return output.map(Self.words(needed == .results)) ?? otherWords
    }
  }

  /// What to do with an output of this tool that holds no results of its own, or no capture.
  private static func words(_ needsResult: Bool) -> (ToolOutput) -> String {
    { output in
      switch output {
      case .evaluation where needsResult: "\(output), not results; analyze makes those"
      case .partOfResults(let folder), .results(let folder), .evaluation(let folder):
        "\(output): name that folder, \(folder)"
      case .severalResults: "\(output); name one of them"
      case .capture:
        needsResult
          ? "\(output), not results; analyze makes those"
          : "\(output): name the file itself"
      case .incompleteResults: "\(output); run analyze again"
      case .other: "\(output), which this command does not read"
      }
    }
  }

  private var otherWords: String {
    if Self.isModel(path) {
      return "a model, not results: "
        + (needed == .results
          ? "analyze makes those of it" : "analyze and capture make those of it")
    }
    let none =
      needed == .results
      ? "holds no results; analyze makes them"
      : "holds neither results nor a capture; analyze and capture make them"
    guard PathKind(path) != .folder else { return none }
    let what = FileSignature(path).map { "\($0)" } ?? "neither a file nor a folder"
    return "\(what), not results; name a results folder"
      + (needed == .results ? "" : ", or a capture")
  }

  /// Whether a model lies at `path`; its weights are not read.
  static func isModel(_ path: String) -> Bool {
    do throws(CheckpointError) {
      _ = try Checkpoint.open(path)
      return true
    } catch {
      return !error.isOfAnotherKind && !error.isMissingInput && PathKind(path).exists
    }
  }

  /// Refuses a file that is no text, whatever reading it as one would give.
  static func checkText(_ path: String) throws(WrongKind) {
    guard path != "-", let signature = FileSignature(path), signature.isNoText else { return }
    throw WrongKind(path: path, needed: .text)
  }

  /// What a folder without texts is, where it is known; `error` where it is not.
  static func insteadOfTexts(_ path: String, _ error: CorpusError) -> any Error {
    if ToolOutput(path) != nil || isModel(path) {
      WrongKind(path: path, needed: .text)
    } else {
      error
    }
  }

  /// A JSON file that is no tokenizer, as its name or its beginning says.
  static func tokenizer(_ path: String) -> WrongKind? {
    let name = FilePath(path).lastComponent
    let parts = ["vocab.json", "special_tokens_map.json", "added_tokens.json", "params.json"]
    let isPart = parts.contains(name) || name.hasSuffix("config.json")
    if !isPart, ToolOutput(path) == nil { return nil }
    return PathKind(path) == .file ? WrongKind(path: path, needed: .tokenizer) : nil
  }
}
