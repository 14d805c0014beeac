import AttentionAnalysis
import Inference

/// A rule that says which cached positions of a KV head stay when its cache is pruned.
public protocol Policy: Sendable {
  /// As `--policy` spells it.
  static var name: String { get }
  /// What stays, in a few words, for help screens.
  static var summary: String { get }

  init(_ options: PolicyOptions)

  /// The parts of the view that it reads beside positions and key norms.
  var needs: RecordRequest.Parts { get }

  /// Queries of the tokens so far that it looks at; its `needs` then has `.keys`.
  var observed: ObservedQueries { get }

  /// Whether keys have to be rotated by their positions in the text.
  var needsTruePositions: Bool { get }

  /// Positions that it wants to keep whatever the budget is: a smaller cache makes no sense with it.
  var protectedCount: Int { get }

  /// The slots that stay, ascending.
  ///
  /// - Parameters:
  ///   - view: what the cache holds of one KV head; more than `count` slots.
  ///   - count: how many stay; at least 1.
  ///   - tokens: the ids of the sequence, each at its position.
  func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int]
}

extension Policy {
  public var needs: RecordRequest.Parts { [] }
  public var observed: ObservedQueries { .none }
  public var needsTruePositions: Bool { observed != .none }
  public var protectedCount: Int { 0 }
}

/// What policies may depend on beside the cache.
public struct PolicyOptions: Sendable {
  /// For policies that draw lots.
  public var seed: UInt64
  /// First tokens that streaming keeps.
  public var firstTokens: Int
  /// Control tokens of the vocabulary, such as BOS.
  public var specialTokens: Set<Int32>
  /// Tokens that are one punctuation mark.
  public var punctuation: Set<Int32>

  /// As StreamingLLM has it (Xiao et al., ICLR 2024).
  public static let usualFirstTokens = 4

  public init(
    seed: UInt64 = 0, firstTokens: Int = usualFirstTokens, specialTokens: Set<Int32> = [],
    punctuation: Set<Int32> = []
  ) {
    self.seed = seed
    self.firstTokens = firstTokens
    self.specialTokens = specialTokens
    self.punctuation = punctuation
  }
}

/// The policies there are: rules of their own, and every registered score.
public enum Policies {
  /// In the order of help screens.
  public static let rules: [any Policy.Type] = [
    KeepLow.self, KeepHigh.self, RandomPolicy.self, Streaming.self, FastGen.self,
  ]

  /// The scores that no rule has the name of: a rule may be told what a score is not, such as
  /// how many first tokens stay.
  public static let scores = EvictionScores.all.filter { score in
    !rules.contains { $0.name == score.name }
  }

  /// What `--policy` accepts.
  public static let names = rules.map { $0.name } + scores.map(\.name)

  /// The policy called `name`; of a score, what keeps the positions that score highest.
  public static func named(_ name: String, _ options: PolicyOptions) -> (any Policy)? {
    if let rule = rules.first(where: { $0.name == name }) { return rule.init(options) }
    return EvictionScores.named(name).map(ScorePolicy.init)
  }
}
