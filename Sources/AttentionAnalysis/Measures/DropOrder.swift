import CKernels

/// The order in which a cache drops its positions: descending key norm, later positions first
/// among equal norms.
///
/// All query heads of a KV head share it. What remains after `m` drops is exactly what eviction
/// by key norm keeps, ties included.
public struct DropOrder: Sendable, Equatable {
  /// Positions from the first dropped to the last kept; a permutation of `0..<count`.
  public let positions: [Int32]

  public var count: Int { positions.count }

  /// The order that `keyNorms` gives, one norm a position; O(n).
  public init(keyNorms: [Double]) {
    self = keyNorms.withUnsafeBufferPointer { DropOrder(keyNorms: $0) }
  }

  /// The order that `keyNorms` gives, one norm a position; O(n).
  ///
  /// Norms are taken as non-negative; NaN, which no norm should be, sorts above infinity.
  public init(keyNorms: UnsafeBufferPointer<Double>) {
    let count = keyNorms.count
    precondition(count <= Int(Int32.max), "positions are 32-bit")
    positions = [Int32](unsafeUninitializedCapacity: count) { output, initialized in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * count + 1) { words in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: RadixSort.counterCount) {
          counters in
          guard let base = words.baseAddress, let counts = counters.baseAddress else { return }
          for p in 0..<count {
            base[p] = (Self.key(keyNorms[p]) & 0xFFFF_FFFF_0000_0000) | UInt64(p)
          }
          let sorted = RadixSort.sort(
            base, scratch: base + count, count: count, keyShift: 32, counters: counts)
          Self.finish(sorted, count: count, keyNorms: keyNorms)
          // Ascending norm, then ascending position, read backwards.
          for i in 0..<count {
            output[i] = Int32(truncatingIfNeeded: sorted[count - 1 - i] & 0xFFFF_FFFF)
          }
        }
      }
      initialized = count
    }
  }

  /// Bits that order as the norms do.
  private static func key(_ norm: Double) -> UInt64 { norm.bitPattern & 0x7FFF_FFFF_FFFF_FFFF }

  /// Orders runs that agree in the upper half of their keys by the whole key, then position.
  private static func finish(
    _ words: UnsafeMutablePointer<UInt64>, count: Int, keyNorms: UnsafeBufferPointer<Double>
  ) {
    func fullKey(_ word: UInt64) -> UInt64 { key(keyNorms[Int(word & 0xFFFF_FFFF)]) }
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
  func restrict(to range: Range<Int>, into output: UnsafeMutablePointer<Int32>) {
    positions.withUnsafeBufferPointer { positions in
      _ = alr_select_range(
        positions.baseAddress, positions.count, Int32(truncatingIfNeeded: range.lowerBound),
        UInt32(truncatingIfNeeded: range.count), output)
    }
  }

  /// The order of the positions in `range` alone, counted from its lower bound.
  public func restricted(to range: Range<Int>) -> [Int32] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range within the order")
    return [Int32](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      if let base = buffer.baseAddress { restrict(to: range, into: base) }
      initialized = range.count
    }
  }
}
