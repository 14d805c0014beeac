/// Which attention rows are measured, as `--query` spells it.
public enum QuerySelection: Sendable, Hashable, CustomStringConvertible {
  /// The row of the corpus's own next token.
  case next
  /// The row of the model's argmax token after `n` tokens.
  case greedy
  /// The last `K` values of `t` up to `n`.
  case last(Int)
  /// `t` = 32, 32 + stride, … up to `n`.
  case all(stride: Int)

  /// The first row of `all`: with fewer keys there is nothing worth compressing.
  public static let firstRowOfAll = 32

  /// The spellings, as a help screen shows them.
  public static let spellings = "next|greedy|last:K|all[:STRIDE]"

  /// Reads `next`, `greedy`, `last:K`, `all` or `all:STRIDE`; K and STRIDE are at least 1.
  public init?(_ text: String) {
    func count(_ part: Substring) -> Int? {
      guard !part.isEmpty, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let value = Int(part), value >= 1
      else { return nil }
      return value
    }
    if text == "next" {
      self = .next
    } else if text == "greedy" {
      self = .greedy
    } else if text == "all" {
      self = .all(stride: 1)
    } else if text.hasPrefix("last:"), let rows = count(text.dropFirst(5)) {
      self = .last(rows)
    } else if text.hasPrefix("all:"), let stride = count(text.dropFirst(4)) {
      self = .all(stride: stride)
    } else {
      return nil
    }
  }

  /// The spelling that `init(_:)` reads.
  public var description: String {
    switch self {
    case .next: "next"
    case .greedy: "greedy"
    case .last(let rows): "last:\(rows)"
    case .all(stride: 1): "all"
    case .all(let stride): "all:\(stride)"
    }
  }

  /// The condition that chunks of this length fail, in words for people; `nil` where they fail
  /// none.
  public func shortfall(chunkLength: Int) -> String? {
    switch self {
    case .last(let rows) where rows > chunkLength: "K at most the chunk's \(chunkLength) positions"
    case .all where chunkLength < Self.firstRowOfAll:
      "other than all for chunks of fewer than \(Self.firstRowOfAll) positions"
    default: nil
    }
  }

  /// The rows whose measures are averaged, ascending; a row is the number of positions cached
  /// before its query.
  ///
  /// Empty where `n` is below the first row of `all`.
  public func rows(n: Int) -> [Int] {
    guard n >= 1 else { return [] }
    switch self {
    case .next, .greedy: return [n]
    case .last(let rows): return Array((max(1, n - min(rows, n) + 1))...n)
    case .all(let stride):
      return Array(Swift.stride(from: Self.firstRowOfAll, through: n, by: min(stride, n)))
    }
  }

  /// The rows that a pass must offer: the averaged ones and row `n`, which alone gives
  /// position-wise arrays and Spearman.
  public func recordedRows(n: Int) -> [Int] {
    let averaged = rows(n: n)
    return averaged.last == n ? averaged : averaged + [n]
  }
}
