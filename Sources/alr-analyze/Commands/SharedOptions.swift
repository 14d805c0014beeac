import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Results
import Tokenization

// Arguments and options that several commands have: how help screens show them, how they are read.

extension PositionalSpec {
  /// MODEL of every command but the one that explains it.
  static let model = PositionalSpec(name: "MODEL", help: "a model as analyze takes it")
}

extension OptionSpec {
  static let chunkLength = OptionSpec.value(
    "chunk-length", "N", "cached positions of a chunk", default: "1024, or the model's context - 1")
  static let precision = OptionSpec.choice("precision", "arithmetic", default: Precision.f32)
  static let threads = OptionSpec.value("threads", "T", "worker threads", default: "one a core")
  static let memory = OptionSpec.value(
    "memory", "SIZE", "memory for the chunks worked on together, such as 4G",
    default: "a quarter of the machine's")
  static let rope = OptionSpec.value(
    "rope", "ROPE",
    "rotary embedding of models that do not say how to run them: \(RotaryOverride.spellings)",
    default: "what the model says")
  static let pre = OptionSpec.value(
    "pre", "NAME", "pre-tokenizer of a GGUF file", default: "what the file says")
  static let quiet = OptionSpec.flag("quiet", "no progress")
}

extension ParsedArguments {
  /// `--chunk-length`; `nil` for what suits the model.
  func chunkLength() throws(UsageError) -> Int? {
    try integer("chunk-length", maximum: 1 << 30)
  }

  /// `--precision`.
  var precision: Precision { choice("precision", default: .f32) }

  /// `--threads`.
  func threads() throws(UsageError) -> Int {
    try integer("threads", maximum: 1024) ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// `--bos`.
  var bos: Chunker.BOS { choice("bos", default: .auto) }

  /// `--max-size`: bytes that a capture's arrays may take.
  func captureLimit() throws(UsageError) -> Int {
    try byteCount("max-size") ?? CaptureSize.usualLimit
  }

  /// `--query`.
  func query() throws(UsageError) -> QuerySelection {
    guard let text = value("query") else { return .next }
    guard let query = QuerySelection(text) else {
      throw .invalidValue(
        option: "query", value: text,
        expected: "\(QuerySelection.spellings), K and STRIDE above 0")
    }
    return query
  }

  /// `--rope`; `nil` for what the checkpoint says.
  func rope() throws(UsageError) -> RotaryOverride? {
    guard let text = value("rope") else { return nil }
    guard let rope = RotaryOverride(text) else {
      throw .invalidValue(option: "rope", value: text, expected: RotaryOverride.spellings)
    }
    return rope
  }
}
