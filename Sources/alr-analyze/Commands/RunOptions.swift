import Inference

/// How a model is to be run: what `analyze`, `capture` and `inspect` are all told.
struct RunOptions: Sendable, Equatable {
  var precision: Precision
  var threads: Int
  /// Bytes; `nil`: chosen by what the machine has.
  var memory: Int?
  /// `nil`: as the checkpoint says.
  var rope: RotaryOverride?
  /// Pre-tokenizer of a GGUF file; `nil`: what the file says.
  var pre: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    precision = arguments.precision
    threads = try arguments.threads()
    memory = try arguments.byteCount("memory")
    rope = try arguments.rope()
    pre = arguments.value("pre")
  }

  /// The values that repeat a run with these options.
  var values: [String: String?] {
    ["precision": precision.rawValue, "threads": "\(threads)", "rope": rope?.description]
  }
}
