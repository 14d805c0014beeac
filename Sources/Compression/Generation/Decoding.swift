import AttentionAnalysis
import Inference

/// One prompt that is answered with caches compressed in one or several ways, a token at a time.
///
/// The whole prompt is read first, and the first new token comes from its uncompressed logits; then
/// each cache is compressed once, and text goes on from it (the paper's generation tasks).
public final class Decoding {
  /// A way of compressing, and what came of it.
  private struct Branch {
    let compression: CacheCompression
    /// What is applied while the text grows.
    let later: CacheCompression
    /// The prompt and what was generated behind it; the last one is not in the cache yet.
    var tokens: [Int32]
    var isDone = false
  }

  private let pass: ForwardPass
  private let workspace: PassWorkspace
  private let promptLength: Int
  private let prunesWhileDecoding: Bool
  private var branches: [Branch]
  private let cache: KVCache
  /// Of each branch, where there are prunings to come that look at any.
  private var queries: QueryStore?
  private let sampler: TokenSampler

  /// Reads the prompt, chooses the first token and compresses.
  ///
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - rules: a branch each.
  ///   - newTokens: that will be generated at most, for the size of caches.
  ///   - prunesWhileDecoding: whether heads that were pruned are also held to that size after
  ///     every new token.
  ///   - onPrompt: called with the bytes of the uncompressed cache.
  /// - Throws: `AnalysisRun.Cancelled`, `InferenceError`.
  public init(
    prompt: [Int32], rules: [CompressionRule], newTokens: Int, pass: ForwardPass,
    workspace: PassWorkspace, sampling: Sampling = .greedy, prunesWhileDecoding: Bool = false,
    isCancelled: () -> Bool = { false }, onPrompt: (_ cacheBytes: Int) -> Void = { _ in }
  ) throws {
    precondition(!prompt.isEmpty && !rules.isEmpty, "a prompt and a rule")
    self.pass = pass
    self.workspace = workspace
    self.prunesWhileDecoding = prunesWhileDecoding
    promptLength = prompt.count
    sampler = TokenSampler(sampling)
    let length = prompt.count + newTokens
    let whole = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: length)
    let spec = pass.model.spec
    let observed = rules.reduce(ObservedQueries.none) { $0.union($1.policy.observed) }
    let seen = QueryStore(observed, spec: spec, sequences: 0..<1)
    let isWhole = try pass.run(
      PassRows(sequences: [prompt]), cache: whole, workspace: workspace,
      recorder: seen?.recorder(of: 0..<prompt.count), logits: LogitRequest(.last, to: sampler),
      progress: { _ in !isCancelled() })
    if !isWhole { throw AnalysisRun.Cancelled() }
    let first = sampler.tokens
    onPrompt(whole.byteCount)
    branches = rules.map {
      Branch(
        compression: CacheCompression($0, for: pass),
        later: CacheCompression(
          $0.frozen(
            promptLength: prompt.count, layers: spec.layerCount, kvHeads: spec.kvHeadCount),
          for: pass),
        tokens: prompt + first)
    }
    // A single branch takes the cache as it is; of several each has a copy, compressed before the
    // next is made.
    if rules.count == 1 {
      cache = whole
      branches[0].compression.prune(whole, sequences: 0..<1, queries: seen) { _ in prompt }
    } else {
      cache = KVCache(
        for: pass, mode: .kept, sequences: rules.indices, length: length, room: 0)
      for (index, branch) in branches.enumerated() {
        cache.copy(whole, sequence: 0, to: index)
        let own = QueryStore(observed, spec: spec, sequences: index..<index + 1)
        if let own, let seen { own.copy(seen, sequence: 0, to: index) }
        branch.compression.prune(cache, sequences: index..<index + 1, queries: own) { _ in prompt }
      }
    }
    if prunesWhileDecoding, let seen {
      queries = QueryStore(observed, spec: spec, sequences: rules.indices)
      for index in rules.indices { queries?.copy(seen, sequence: 0, to: index) }
    }
  }

  /// What was generated in a branch so far.
  public func generated(_ branch: Int) -> ArraySlice<Int32> {
    branches[branch].tokens[promptLength...]
  }

  /// Branches that still go on.
  public var activeBranches: [Int] { branches.indices.filter { !branches[$0].isDone } }

  /// Ends a branch: no more tokens are generated in it.
  public func end(_ branch: Int) { branches[branch].isDone = true }

  /// Bytes that the caches of all branches take now.
  public var cacheBytes: Int { cache.byteCount }

  /// Positions that a KV head of a branch holds, on average over heads and layers.
  public func heldPositions(_ branch: Int) -> Double { cache.meanCount(sequence: branch) }

  /// Generates one more token in every branch that goes on.
  public func step() throws {
    let active = activeBranches
    guard let first = active.first else { return }
    // Branches that go on are equally long.
    let position = branches[first].tokens.count - 1
    let rows = PassRows(
      spans: active.map { index in
        let tokens = branches[index].tokens
        let position = tokens.count - 1
        return PassRows.Span(
          sequence: index, firstPosition: position,
          shift: branches[index].compression.shift(of: index, at: position, in: cache),
          tokens: [tokens[position]])
      })
    sampler.begin()
    try pass.run(
      rows, cache: cache, workspace: workspace,
      recorder: queries?.recorder(of: position..<position + 1),
      logits: LogitRequest(.last, to: sampler), weights: .stored)
    for (index, token) in zip(active, sampler.tokens) {
      if prunesWhileDecoding {
        let tokens = branches[index].tokens
        branches[index].later.prune(cache, sequences: index..<index + 1, queries: queries) { _ in
          tokens
        }
      }
      branches[index].tokens.append(token)
    }
  }

  /// Generates greedily or by lots until every branch has met one of `ends` or has `limit` tokens.
  ///
  /// - Returns: the new tokens of each branch, without the one that ended it.
  public func finish(
    limit: Int, ends: Set<Int32>, isCancelled: () -> Bool = { false }
  ) throws -> [[Int32]] {
    while true {
      for branch in activeBranches {
        let generated = generated(branch)
        if generated.count >= limit || generated.last.map(ends.contains) ?? false { end(branch) }
      }
      if activeBranches.isEmpty { break }
      if isCancelled() { throw AnalysisRun.Cancelled() }
      try step()
    }
    return branches.indices.map { branch in
      Array(generated(branch).prefix(limit).prefix { !ends.contains($0) })
    }
  }
}
