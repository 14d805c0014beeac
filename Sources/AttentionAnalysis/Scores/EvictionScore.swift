import Inference

/// A rule by which cached positions are dropped: the higher a position scores, the longer it stays.
/// Of equal scores the later position drops first.
///
/// A score sees the cache of one KV head before the query that is measured: never that query's own
/// row, nor anything of a later position.
public protocol EvictionScore: Sendable {
  /// As `--score` spells it.
  var name: String { get }

  /// What stays, in a few words, for help screens.
  var summary: String { get }

  /// The parts of the view that the score reads beside positions and key norms.
  var needs: RecordRequest.Parts { get }

  /// Queries of cached positions that the score looks at; `needs` then has `.keys` and `.queries`.
  var observed: ObservedQueries { get }

  /// Whether keys have to be rotated by their positions in the text: so where they are compared
  /// with queries, or taken back to what they were before the rotation.
  var needsTruePositions: Bool { get }

  /// Whether a position's score is the same whatever else is cached: then the order of a prefix or
  /// a window follows from that of the whole.
  var isIndependent: Bool { get }

  /// Writes one score for each slot of the view into `scores`.
  func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>)
}

extension EvictionScore {
  public var summary: String { "what \(name) rates highest" }
  public var observed: ObservedQueries { .none }
  public var needsTruePositions: Bool { observed != .none }
}

/// The eviction scores there are.
public enum EvictionScores {
  /// The paper's own.
  public static let paper = KeyNorm()

  /// In the order of help screens.
  public static let all: [any EvictionScore] = [
    paper,
    KeyNormHigh(),
    RandomScore(),
    FirstAndRecent(),
    ValueNorm(),
    KeyDiff(),
    LagKV(),
    LeverageScore(),
    TOVA(),
    H2O(),
    SnapKV(),
    ExpectedAttention(),
  ]

  /// Those that need no attention: what a cache holds is all they look at.
  public static var withoutAttention: [any EvictionScore] { all.filter { $0.observed == .none } }

  /// The score called `name`.
  public static func named(_ name: String) -> (any EvictionScore)? {
    all.first { $0.name == name }
  }
}
