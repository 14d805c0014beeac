import Inference

/// The first tokens and the most recent ones (StreamingLLM: Xiao et al., ICLR 2024).
public struct Streaming: Policy {
  public static let name = "streaming"
  public static let summary = "the first tokens and the most recent"

  private let firstTokens: Int

  public init(_ options: PolicyOptions) { firstTokens = options.firstTokens }

  public var protectedCount: Int { min(firstTokens, .max - 1) + 1 }

  public func slots(of view: KVHeadView, count: Int, tokens: [Int32]) -> [Int] {
    // Below `firstTokens` in position, however many of them are still there.
    let first = view.positions.prefix { Int($0) < firstTokens }.count
    let kept = min(first, count)
    return Array(0..<kept) + Array(view.count - (count - kept)..<view.count)
  }
}
