/// The queries that a score looks at; none of them stands behind the last cached position.
public enum ObservedQueries: Sendable, Equatable {
  case none
  /// The most recent ones, so many at most.
  case last(Int)
  case all

  /// What serves both.
  public func union(_ other: ObservedQueries) -> ObservedQueries {
    switch (self, other) {
    case (.none, let some), (let some, .none): some
    case (.all, _), (_, .all): .all
    case (.last(let own), .last(let others)): .last(max(own, others))
    }
  }

  /// Positions of the queries that are seen of so many, where they are told from those before
  /// `first`.
  func positions(before end: Int, from first: Int = 0) -> Range<Int> {
    switch self {
    case .none: end..<end
    case .last(let count): max(first, end - count)..<end
    case .all: first..<end
    }
  }
}
