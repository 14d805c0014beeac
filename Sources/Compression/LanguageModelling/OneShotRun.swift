import AttentionAnalysis
import Inference

/// Texts whose caches are compressed once, by one or many rules: the first part of a chunk is read
/// whole, each rule compresses a copy of its cache, and the rest is read with what is left.
///
/// What is predicted from the first part is the same whatever the rule; rules differ in the tokens
/// behind it. The first part goes through the layers once for all rules, so that dozens of them cost
/// little more than their second parts.
public struct OneShotRun: Sendable {
  /// Token ids of each chunk, BOS included, of equal lengths.
  public let chunks: [[Int32]]
  /// Tokens of a chunk that are read before the cache is compressed.
  public let promptLength: Int

  /// - Parameters:
  ///   - chunks: of at least three tokens each.
  ///   - promptLength: at least one token, so that at least one more is read and one predicted
  ///     behind it.
  public init(chunks: [[Int32]], promptLength: Int) {
    precondition(
      chunks.allSatisfy { $0.count > promptLength + 1 && $0.count == chunks[0].count },
      "chunks of equal lengths, longer than what is read first")
    precondition(promptLength >= 1, "something to compress")
    self.chunks = chunks
    self.promptLength = promptLength
  }

  /// Tokens of a chunk that go through the layers: all but the last, which is only predicted.
  public var fedLength: Int { (chunks.first?.count ?? 1) - 1 }

  /// Tokens behind the compression that go through the layers.
  private var restLength: Int { fedLength - promptLength }

  /// Tokens that go through the layers for so many rules.
  public func tokenCount(rules: Int) -> Int {
    chunks.count * (promptLength + rules * restLength)
  }

  /// Sequences that should go through the layers together: half of the memory is for the caches of
  /// first parts, which stay while their rules are tried.
  ///
  /// - Parameters:
  ///   - memory: bytes that activations and caches may take.
  ///   - physicalMemory: bytes of the machine.
  public func batchSize(for pass: ForwardPass, memory: Int, physicalMemory: Int) -> Int {
    pass.batchSize(
      length: fedLength, recordedRows: 0, cache: .kept, memory: memory / 2,
      physicalMemory: physicalMemory)
  }

  /// The mean negative log likelihood of each chunk behind the compression, nats a token:
  /// (rules, chunks). Parameters and errors as of `run`.
  public func meanLosses(
    _ rules: [CompressionRule], with pass: ForwardPass, workspace: PassWorkspace, batchSize: Int,
    progress: (Int) -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws -> [[Double]] {
    try run(
      rules, with: pass, workspace: workspace, batchSize: batchSize, progress: progress,
      isCancelled: isCancelled
    ).map { $0.meanLosses(from: promptLength, fedLength: fedLength) }
  }

  /// Runs every rule over all chunks; as `LanguageModelRun` does one by one, for rules that prune
  /// once, after `promptLength` tokens.
  ///
  /// - Parameters:
  ///   - rules: applied to a head once it holds `promptLength` positions, if that is not below
  ///     their `pruneAfter`.
  ///   - batchSize: sequences that go through the layers together: chunks first, then chunks by
  ///     rules. No number depends on it.
  ///   - recordsKept: whether the positions that stay are wanted.
  ///   - progress: called with tokens that are done since it was last called.
  /// - Returns: scores of each rule.
  /// - Throws: `AnalysisRun.Cancelled`, `InferenceError`.
  public func run(
    _ rules: [CompressionRule], with pass: ForwardPass, workspace: PassWorkspace, batchSize: Int,
    recordsKept: Bool = false, progress: (Int) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) throws -> [LanguageModelRun.Scores] {
    precondition(batchSize >= 1, "at least one sequence at a time")
    var scores = rules.map { _ in
      LanguageModelRun.Scores(
        chunks: chunks.count, fedLength: fedLength,
        keptLayers: recordsKept ? pass.model.spec.layerCount : 0)
    }
    let compressions = rules.map { CacheCompression($0, for: pass) }
    let observed = rules.reduce(ObservedQueries.none) { $0.union($1.policy.observed) }
    // All queries of many texts would take much memory.
    let readTogether = observed == .all ? min(batchSize, Self.mostObserved) : batchSize
    for first in stride(from: 0, to: chunks.count, by: readTogether) {
      let read = first..<min(first + readTogether, chunks.count)
      let queries = QueryStore(observed, spec: pass.model.spec, sequences: read)
      let prompts = KVCache(for: pass, mode: .kept, sequences: read, length: fedLength, room: 0)
      let known = try feed(
        read.map {
          PassRows.Span(
            sequence: $0, firstPosition: 0, tokens: Array(chunks[$0][..<promptLength]))
        }, prompts, pass, workspace, isCancelled,
        recorder: queries?.recorder(of: 0..<promptLength)
      ) { $0 }
      for rule in rules.indices {
        for entry in known { scores[rule].take(entry, chunk: entry.sequence, fedLength: fedLength) }
      }
      progress(read.count * promptLength)
      // Rule by rule of each chunk: a rule meets its chunks in their order.
      let branches = read.flatMap { chunk in rules.indices.map { Branch(chunk: chunk, rule: $0) } }
      for start in stride(from: 0, to: branches.count, by: batchSize) {
        let group = Array(branches[start..<min(start + batchSize, branches.count)])
        try finish(
          group, of: prompts, queries, compressions, pass, workspace, isCancelled, into: &scores)
        progress(group.count * restLength)
      }
    }
    return scores
  }

  /// Texts of which all queries are kept at a time.
  private static let mostObserved = 4

  /// A chunk's cache on its way under one rule.
  private struct Branch {
    let chunk, rule: Int
  }

  /// Compresses a copy of each branch's cache and reads the rest with it.
  private func finish(
    _ branches: [Branch], of prompts: KVCache, _ queries: QueryStore?,
    _ compressions: [CacheCompression],
    _ pass: ForwardPass, _ workspace: PassWorkspace, _ isCancelled: () -> Bool,
    into scores: inout [LanguageModelRun.Scores]
  ) throws {
    let cache = KVCache(
      for: pass, mode: .kept, sequences: branches.indices, length: fedLength, room: 0)
    let spans = branches.enumerated().map { index, branch in
      let compression = compressions[branch.rule]
      cache.copy(prompts, sequence: branch.chunk, to: index)
      let own = QueryStore(
        compression.rule.policy.observed, spec: pass.model.spec, sequences: index..<index + 1)
      if let own, let queries { own.copy(queries, sequence: branch.chunk, to: index) }
      compression.prune(cache, sequences: index..<index + 1, queries: own) { _ in
        Array(chunks[branch.chunk][..<promptLength])
      }
      return PassRows.Span(
        sequence: index, firstPosition: promptLength,
        shift: compression.shift(of: index, at: promptLength, in: cache),
        tokens: Array(chunks[branch.chunk][promptLength..<fedLength]))
    }
    let entries = try feed(spans, cache, pass, workspace, isCancelled) { branches[$0].chunk }
    for entry in entries {
      let branch = branches[entry.sequence]
      scores[branch.rule].take(entry, chunk: branch.chunk, fedLength: fedLength)
    }
    for (index, branch) in branches.enumerated() {
      scores[branch.rule].takeHeld(cache, sequence: index)
    }
  }

  /// Reads spans into a cache, and says how likely the tokens behind each position were.
  private func feed(
    _ spans: [PassRows.Span], _ cache: KVCache, _ pass: ForwardPass, _ workspace: PassWorkspace,
    _ isCancelled: () -> Bool, recorder: (any AttentionRecorder)? = nil,
    chunk: @escaping @Sendable (_ sequence: Int) -> Int
  ) throws -> [LikelihoodSink.Entry] {
    let chunks = chunks
    let sink = LikelihoodSink { chunks[chunk($0)][$1 + 1] }
    let isWhole = try pass.run(
      PassRows(spans: spans), cache: cache, workspace: workspace, recorder: recorder,
      logits: LogitRequest(.all, to: sink), progress: { _ in !isCancelled() })
    if !isWhole { throw AnalysisRun.Cancelled() }
    return sink.entries
  }
}
