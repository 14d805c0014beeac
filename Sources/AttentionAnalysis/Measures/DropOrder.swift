import Inference

/// The order in which a cache drops its positions: ascending score, later positions first among
/// equal scores.
///
/// All query heads of a KV head share it. What remains after `m` drops is exactly what eviction
/// by the score keeps, ties included.
public struct DropOrder: Sendable, Equatable {
  /// Positions from the first dropped to the last kept; a permutation of `0..<count`.
  public let positions: [Int32]

  public var count: Int { positions.count }

  /// The order that `scores` give, one for each position; O(n).
  public init(scores: [Double]) {
    self = scores.withUnsafeBufferPointer { DropOrder(scores: $0) }
  }

  /// The order that `scores` give, one for each position; O(n).
  ///
  /// NaN, which no score should be, drops before everything else.
  public init(scores: UnsafeBufferPointer<Double>) {
    let count = scores.count
    precondition(count <= Int(Int32.max), "positions are 32-bit")
    positions = [Int32](unsafeUninitializedCapacity: count) { output, initialized in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * count + 1) { words in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: RadixSort.counterCount) {
          counters in
          guard let base = words.baseAddress, let counts = counters.baseAddress else { return }
          for p in 0..<count {
            base[p] = (Self.key(scores[p]) & 0xFFFF_FFFF_0000_0000) | UInt64(p)
          }
          let sorted = RadixSort.sort(
            base, scratch: base + count, count: count, counters: counts)
          Self.finish(sorted, count: count, scores: scores)
          // Descending score, then ascending position, read backwards.
          for i in 0..<count {
            output[i] = Int32(truncatingIfNeeded: sorted[count - 1 - i] & 0xFFFF_FFFF)
          }
        }
      }
      initialized = count
    }
  }

  /// Bits that ascend as the scores descend.
  private static func key(_ score: Double) -> UInt64 {
    if score.isNaN { return .max }
    // The two zeros are one.
    let bits = (0 - score).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// Orders runs that agree in the upper half of their keys by the whole key, then position.
  private static func finish(
    _ words: UnsafeMutablePointer<UInt64>, count: Int, scores: UnsafeBufferPointer<Double>
  ) {
    func fullKey(_ word: UInt64) -> UInt64 { key(scores[Int(word & 0xFFFF_FFFF)]) }
    var start = 0
    while start < count {
      var end = start + 1
      var ascending = true
      while end < count, words[end] &>> 32 == words[start] &>> 32 {
        if fullKey(words[end]) < fullKey(words[end - 1]) { ascending = false }
        end += 1
      }
      if !ascending {
        var run = UnsafeMutableBufferPointer(start: words + start, count: end - start)
        run.sort {
          (fullKey($0), $0) < (fullKey($1), $1)
        }
      }
      start = end
    }
  }

  /// Writes the order of the positions in `range` alone, counted from its lower bound.
  ///
  /// A prefix or a window of the cache needs no sort of its own.
  /// - Parameter output: room for `range.count` positions.
  func restrict(to range: Range<Int>, into output: UnsafeMutablePointer<Int32>, by kernels: Kernels)
  {
    positions.withUnsafeBufferPointer { _ = kernels.select($0, in: range, into: output) }
  }

  /// The order of the positions in `range` alone, counted from its lower bound.
  public func restricted(to range: Range<Int>, by kernels: Kernels = Kernels()) -> [Int32] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range within the order")
    return [Int32](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      if let base = buffer.baseAddress { restrict(to: range, into: base, by: kernels) }
      initialized = range.count
    }
  }
}
