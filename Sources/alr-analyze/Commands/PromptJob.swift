import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Results
import Tokenization

/// A prompt to be captured: its tokens, what is asked for, and whether that is too much.
struct PromptJob {
  private let tokens: [CapturedToken]
  private let hasAddedBOS: Bool
  private let request: CaptureRequest
  private let console: Console
  /// Bytes of all arrays, at most.
  let size: CaptureSize

  /// - Parameters:
  ///   - request: `nil` for all layers and heads and the usual parts.
  ///   - limit: bytes that the arrays may take.
  /// - Throws: `CaptureRefusal` beyond the limit and for an empty prompt, `InferenceError` beyond
  ///   learned positions.
  init(
    model: Model, tokenizer: Tokenizer, text: [UInt8], bos: Chunker.BOS,
    request: CaptureRequest? = nil, limit: Int = CaptureSize.usualLimit,
    format: CaptureFormat = .npz,
    console: Console
  ) throws {
    let spec = model.spec
    let request =
      request
      ?? CaptureRequest(layers: Array(0..<spec.layerCount), heads: Array(0..<spec.headCount))
    let first = try bos.token(of: tokenizer)
    let ids = (first.map { [$0] } ?? []) + tokenizer.encode(text)
    guard !ids.isEmpty else { throw CaptureRefusal.emptyPrompt }
    try spec.checkLength(ids.count)
    if ids.count > spec.contextLength {
      console.warn(
        "\(ids.count) tokens are beyond the model's context of \(spec.contextLength)")
    }
    size = request.size(of: spec, tokens: ids.count)
    guard let bytes = size.bytes, bytes <= limit else {
      throw CaptureRefusal.tooLarge(bytes: size.bytes, tokens: ids.count, limit: limit)
    }
    if let most = format.mostBytes, bytes > most { throw CaptureRefusal.tooLargeForNPZ }
    tokens = ids.map { id in
      CapturedToken(
        id: Int(id), piece: tokenizer.piece(id) ?? "", bytes: tokenizer.bytes(of: id) ?? [])
    }
    hasAddedBOS = first != nil
    self.request = request
    self.console = console
  }

  /// One line about what will be kept.
  var announcement: String {
    let most = request.threshold == nil ? "" : "at most "
    return "capturing \(tokens.count) tokens, \(size.layers) layers, \(size.heads) heads: "
      + most + QuantityText.bytes(size.bytes ?? 0)
  }

  func run(with pass: ForwardPass, summary: ModelSummary, isQuiet: Bool) throws -> PromptCapture {
    if !isQuiet { console.writeError("\(toolName): \(announcement)\n") }
    let total = (request.layers.last ?? 0) + 1
    let progress = ProgressReporter(
      label: "capturing", total: Double(total), unit: "layers", isQuiet: isQuiet,
      console: console)
    defer { progress.finish() }
    progress.update(0)
    return try PromptCapture.run(
      request, with: pass, tokens: tokens, hasAddedBOS: hasAddedBOS, tool: toolVersion,
      model: summary, progress: { progress.update(Double($0)) },
      isCancelled: { console.interruption.isRequested })
  }

  /// The file's bytes; `path` is for the error.
  static func encode(
    _ capture: PromptCapture, as format: CaptureFormat, path: String
  ) throws(ResultsFolderError) -> [UInt8] {
    do throws(NPZError) {
      return try format.encode(capture)
    } catch {
      throw ResultsFolderError(path: path, problem: .array(error.problem))
    }
  }
}

/// Why nothing is captured.
enum CaptureRefusal: ExitCoded, Equatable, CustomStringConvertible {
  /// `bytes` is `nil` beyond 63 bits.
  case tooLarge(bytes: Int?, tokens: Int, limit: Int)
  case tooLargeForNPZ
  case emptyPrompt

  var exitCode: ExitCode { self == .emptyPrompt ? .badInput : .usage }

  var description: String {
    switch self {
    case .tooLarge(let bytes, let tokens, let limit):
      "a capture of \(tokens) tokens takes \(bytes.map { QuantityText.bytes($0) } ?? "too much")"
        + ", more than \(QuantityText.bytes(limit)): raise --max-size, or let capture take "
        + "fewer --layers, --heads or parts (--what), or only scores above a --threshold"
    case .tooLargeForNPZ:
      "an .npz file holds less than 4 GiB: choose --format safetensors"
    case .emptyPrompt: "the prompt holds no text"
    }
  }
}
