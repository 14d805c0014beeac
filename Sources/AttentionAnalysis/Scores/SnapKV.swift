import Inference

/// What the last 64 tokens attend to, smoothed (SnapKV: Li et al., NeurIPS 2024, arXiv 2404.14469,
/// with the window and the average pooling of kvpress's `SnapKVPress`).
///
/// The attention of the observation window's queries, added up and averaged over the query heads of
/// the KV head, is averaged over five slots around each one before the window, slots beyond the
/// ends counting as 0. The window itself stays longest, the more recent the longer.
public struct SnapKV: EvictionScore {
  static let window = 64
  static let kernel = 5

  public let name = "snap-kv"
  public let summary = "what the last 64 tokens attend to, smoothed"
  public let needs: RecordRequest.Parts = [.keys, .queries]
  public let observed = ObservedQueries.last(window)
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    guard let last = view.positions.last else { return }
    let before = view.positions.prefix { Int($0) + Self.window <= Int(last) }.count
    let sums = ObservedAttention(view, last: Self.window).sums()
    let reach = Self.kernel / 2
    for slot in 0..<before {
      let around = max(0, slot - reach)...min(before - 1, slot + reach)
      scores[slot] = around.reduce(0) { $0 + sums[$1] } / Double(Self.kernel)
    }
    // Above every sum of 64 attention rows.
    for slot in before..<view.count { scores[slot] = Double(Self.window + 1 + slot) }
  }
}
