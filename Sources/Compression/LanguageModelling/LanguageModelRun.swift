import AttentionAnalysis
import Inference

/// Texts read with compressed caches: how likely each next token is, and whether it is the model's
/// own choice (the paper's Figs. 3, 5 and 10).
///
/// A cache is pruned after every token that makes it too long. The tokens between two prunings go
/// through the layers as one block, of all chunks together: a row's numbers do not depend on what
/// other rows go with it, so this is the same as token by token.
public struct LanguageModelRun: Sendable {
  /// Token ids of each chunk, BOS included, of equal lengths.
  public let chunks: [[Int32]]
  public let rules: [CompressionRule]
  /// Whether every token goes through the layers alone, as the paper's code has it: the same
  /// numbers but for rounding, at the speed of decoding.
  public let isByToken: Bool

  /// - Parameter chunks: of at least two tokens each.
  public init(chunks: [[Int32]], rules: [CompressionRule], isByToken: Bool = false) {
    precondition(
      chunks.allSatisfy { $0.count > 1 && $0.count == chunks[0].count }, "chunks of equal lengths")
    self.chunks = chunks
    self.rules = rules
    self.isByToken = isByToken
  }

  /// Tokens of a chunk that go through the layers: all but the last, which is only predicted.
  public var fedLength: Int { (chunks.first?.count ?? 1) - 1 }

  /// Tokens that go through the layers, over all settings.
  public var tokenCount: Int { rules.count * chunks.count * fedLength }

  /// Runs one setting over all chunks.
  ///
  /// - Parameters:
  ///   - batchSize: chunks that go through the layers together.
  ///   - recordsKept: whether the positions that stay are wanted.
  ///   - progress: called with tokens that are done since it was last called.
  /// - Throws: `AnalysisRun.Cancelled`, `InferenceError`.
  public func run(
    _ rule: CompressionRule, with pass: ForwardPass, workspace: PassWorkspace, batchSize: Int,
    recordsKept: Bool = false, progress: (Int) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) throws -> Scores {
    precondition(batchSize >= 1, "at least one chunk at a time")
    var scores = Scores(
      chunks: chunks.count, fedLength: fedLength,
      keptLayers: recordsKept ? pass.model.spec.layerCount : 0)
    let compression = CacheCompression(rule, for: pass)
    // Numbers do not depend on the batch; all queries of many texts would take much memory.
    let batchSize = rule.policy.observed == .all ? 1 : batchSize
    for first in stride(from: 0, to: chunks.count, by: batchSize) {
      let sequences = first..<min(first + batchSize, chunks.count)
      let cache = KVCache(
        for: pass, mode: .kept, sequences: sequences, length: fedLength,
        room: min(fedLength, rule.usualRoom))
      try read(
        sequences, compression, pass, cache, workspace, into: &scores, progress: progress,
        isCancelled: isCancelled)
      for sequence in sequences { scores.takeHeld(cache, sequence: sequence) }
    }
    return scores
  }

  private func read(
    _ sequences: Range<Int>, _ compression: CacheCompression, _ pass: ForwardPass,
    _ cache: KVCache, _ workspace: PassWorkspace, into scores: inout Scores,
    progress: (Int) -> Void, isCancelled: () -> Bool
  ) throws {
    let chunks = chunks
    let reading = weightReading(compression.rule)
    let queries = QueryStore(
      compression.rule.policy.observed, spec: pass.model.spec, sequences: sequences)
    var done = 0
    while done < fedLength {
      let block = blockLength(after: done, of: sequences.lowerBound, in: cache, compression)
      let rows = PassRows(
        spans: sequences.map { sequence in
          PassRows.Span(
            sequence: sequence, firstPosition: done,
            shift: compression.shift(of: sequence, at: done, in: cache),
            tokens: Array(chunks[sequence][done..<done + block]))
        })
      let sink = LikelihoodSink { chunks[$0][$1 + 1] }
      let isWhole = try pass.run(
        rows, cache: cache, workspace: workspace,
        recorder: queries?.recorder(of: done..<done + block),
        logits: LogitRequest(.all, to: sink), weights: reading, progress: { _ in !isCancelled() })
      if !isWhole { throw AnalysisRun.Cancelled() }
      for entry in sink.entries {
        scores.take(entry, chunk: entry.sequence, fedLength: fedLength)
      }
      done += block
      if !compression.rule.isOnce || done == compression.rule.firstPruning {
        compression.prune(cache, sequences: sequences, queries: queries) { chunks[$0] }
      }
      progress(block * sequences.count)
    }
  }

  /// Tokens until the next pruning or the end. Counts do not depend on contents, so all chunks are
  /// pruned at the same places.
  private func blockLength(
    after done: Int, of sequence: Int, in cache: KVCache, _ compression: CacheCompression
  ) -> Int {
    let limit = isByToken ? 1 : fedLength - done
    guard compression.rule.isOnce else {
      return compression.blockLength(of: sequence, in: cache, limit: limit)
    }
    let first = compression.rule.firstPruning
    return done < first ? min(limit, first - done) : limit
  }
}

extension LanguageModelRun {
  /// How a setting's passes read weights: the same for all of them and whatever the batch, so that
  /// the numbers depend on the setting alone.
  ///
  /// Where there is a pruning after every token or two, weights are dotted as they are stored.
  func weightReading(_ rule: CompressionRule) -> WeightReading {
    isByToken || rule.usualBlock(limit: fedLength) <= 2 ? .stored : .packed
  }
}

extension CompressionRule {
  /// Tokens after which the first pruning may come.
  fileprivate var firstPruning: Int { max(1, pruneAfter) }

  /// Tokens between two prunings once caches are full.
  fileprivate func usualBlock(limit: Int) -> Int {
    if isOnce { return limit }
    switch budget {
    case .ratios(let ratios):
      let shares = ratios.joined().filter { $0 < 1 }
      guard let share = shares.max() else { return limit }
      return max(1, pruneAfter - Int((share * Double(pruneAfter)).rounded(.up)))
    case .exactly, .counts: return 1
    }
  }

  /// Positions that most heads hold at most; 0 where each has a number of its own.
  var usualRoom: Int {
    if isOnce { return 0 }
    return switch budget {
    case .ratios(let ratios): ratios.isEmpty ? .max : max(1, pruneAfter)
    case .exactly(let budget, _): max(budget < .max ? budget + 1 : budget, pruneAfter)
    case .counts: 0
    }
  }
}

extension KVCache {
  /// Positions that a KV head of a sequence holds, on average over heads and layers.
  func meanCount(sequence: Int) -> Double {
    var sum = 0
    for layer in 0..<layerCount {
      for kvHead in 0..<kvHeadCount {
        sum += count(layer: layer, sequence: sequence, kvHead: kvHead)
      }
    }
    return Double(sum) / Double(layerCount * kvHeadCount)
  }
}
