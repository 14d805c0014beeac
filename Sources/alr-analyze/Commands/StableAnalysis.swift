import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Results
import Tokenization

/// `analyze --until-stable`: chunks are cut as they are needed, and measured until the answers stay.
struct StableAnalysis {
  /// A corpus that cannot be read as such a run does.
  enum Problem: ExitCoded, Equatable, CustomStringConvertible {
    /// Chunks are cut again once it is known how many are wanted.
    case readOnce(path: String)
    case changed

    var exitCode: ExitCode { .badInput }

    var description: String {
      switch self {
      case .readOnce(let path):
        "\(path == "-" ? "standard input" : path): --until-stable reads the corpus again for more "
          + "chunks, which has to be a file or a folder for that"
      case .changed: "the corpus has changed while it was measured"
      }
    }
  }

  let corpus: CorpusJob
  /// Its corpus is not yet that of the chunks that will be measured.
  let run: AnalysisRun
  let error: Double
  let isQuiet: Bool
  let console: Console

  /// Chunks that are cut at first; then four times as many.
  private static let firstCut = 64

  /// - Throws: `Problem.readOnce`.
  static func check(_ paths: [String]) throws(Problem) {
    for path in paths {
      let kind = path == "-" ? PathKind.other : FilePath(path).kind
      if kind == .other { throw .readOnce(path: path) }
    }
  }

  private var chunkLength: Int { run.shape.chunkLength }

  /// Chunks at most.
  private var limit: Int {
    corpus.options.maxChunks ?? max(1, Chunker.mostTokens / (chunkLength + 1))
  }

  /// Measures until the answers stay, or there are no more chunks.
  func measure(with pass: ForwardPass, _ memory: BatchMemory) throws -> StableRun {
    let batchSize = memory.chunks(of: pass, query: run.query, chunkLength: chunkLength)
    let length = Double(chunkLength + 1) * Double(StableRun.interval)
    let interruption = console.interruption
    var known: [[Int32]] = []
    var wanted = 0
    let progress = ProgressReporter(
      label: "measuring the next \(StableRun.interval) chunks", total: length, unit: "tokens",
      isQuiet: isQuiet, console: console)
    defer { progress.finish() }
    return try run.runUntilStable(
      below: error, with: pass, batchSize: batchSize,
      chunks: { count in
        while known.count < min(count, limit), known.count == wanted {
          wanted = min(max(Self.firstCut, 4 * wanted), limit)
          known = try corpus.cut(
            chunkLength: chunkLength, maxChunks: wanted, tells: false
          ).tokens
        }
        return known
      },
      progress: { progress.update($1 * length) }, isCancelled: { interruption.isRequested })
  }

  /// The chunks that were measured, as a run that is told their number cuts them.
  ///
  /// - Throws: `Problem.changed`, `CorpusError`.
  func cut(_ measured: StableRun) throws -> (summary: CorpusSummary, tokens: [[Int32]]) {
    let chunks = try corpus.cut(chunkLength: chunkLength, maxChunks: measured.chunks)
    guard chunks.tokens.count == measured.chunks else { throw Problem.changed }
    return chunks
  }

  /// How many chunks it took, or why it ended before.
  func words(_ measured: StableRun) -> String {
    let count = "\(measured.chunks) chunk\(measured.chunks == 1 ? "" : "s")"
    if measured.isStable {
      return "Stable after \(count): the recommendation is that of \(StableRun.interval) chunks "
        + "before, and the error of every layer's ratio is below \(error)"
    }
    let end =
      measured.chunks == corpus.options.maxChunks
      ? "--max-chunks"
      : measured.chunks == limit ? "the most that are cut" : "the end of the corpus"
    var reasons: [String] = []
    if measured.agrees == false { reasons.append("the recommendation still changed") }
    if measured.agrees == nil {
      reasons.append("\(2 * StableRun.interval) chunks are the least that can tell")
    }
    if let error = measured.error, error >= self.error {
      reasons.append(
        "the largest error of a layer's ratio is \(String(format: "%.3f", locale: nil, error))")
    }
    if reasons.isEmpty {
      reasons.append("an error was too large \(StableRun.interval) chunks before")
    }
    return "not stable after \(count), \(end): \(reasons.joined(separator: ", "))"
  }
}
