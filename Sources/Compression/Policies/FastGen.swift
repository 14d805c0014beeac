import Inference

/// Special tokens, punctuation and the most recent tokens: FastGen's rules that need no attention
/// scores (Ge et al., ICLR 2024), as the paper compares with them (Fig. 5).
///
/// Where special tokens and punctuation alone are more than may stay, special tokens go before
/// punctuation, and of equals the most recent.
public struct FastGen: Policy {
  public static let name = "fastgen"
  public static let summary = "special tokens, punctuation, and the most recent"

  private let special: Set<Int32>
  private let punctuation: Set<Int32>

  public init(_ options: PolicyOptions) {
    special = options.specialTokens
    punctuation = options.punctuation
  }

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    let ranks = view.positions.map { position in
      let token = tokens[Int(position)]
      return special.contains(token) ? 2.0 : punctuation.contains(token) ? 1.0 : 0.0
    }
    // The later of equals: so the order is that of the slots turned round.
    let last = view.count - 1
    return ScorePolicy.highest(count, of: ranks.reversed()).map { last - $0 }.reversed()
  }
}
