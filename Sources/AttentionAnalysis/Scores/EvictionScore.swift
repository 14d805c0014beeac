import Inference

/// A rule by which cached positions are dropped: the higher a position scores, the longer it stays.
/// Of equal scores the later position drops first.
///
/// A score sees the cache of one KV head before the query that is measured: never that query's own
/// row, nor anything of a later position.
public protocol EvictionScore: Sendable {
  /// As `--score` spells it.
  var name: String { get }

  /// The parts of the view that the score reads beside positions and key norms: keys, values, or both.
  var needs: RecordRequest.Parts { get }

  /// Whether a position's score is the same whatever else is cached: then the order of a prefix or
  /// a window follows from that of the whole.
  var isIndependent: Bool { get }

  /// Writes one score for each slot of the view into `scores`.
  func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>)
}

/// The eviction scores there are.
public enum EvictionScores {
  /// The paper's own.
  public static let paper = KeyNorm()

  /// In the order of help screens.
  public static let all: [any EvictionScore] = [
    paper
  ]

  /// The score called `name`.
  public static func named(_ name: String) -> (any EvictionScore)? {
    all.first { $0.name == name }
  }
}
