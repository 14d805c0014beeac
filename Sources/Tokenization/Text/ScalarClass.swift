import ModelFiles

/// A set of scalars as a class of a regular expression names it: properties and ranges, or all but
/// these.
struct ScalarClass: Sendable, Equatable {
  private let sets: UInt16
  /// Sorted, disjoint.
  private let ranges: [ClosedRange<UInt32>]
  private let isNegated: Bool
  /// Membership of the scalars below 64, and of those from there to 127.
  private let low: UInt64
  private let high: UInt64

  init(_ sets: UnicodeSet = [], ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
    self.sets = sets.rawValue
    self.isNegated = isNegated
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
    var bits: [UInt64] = [0, 0]
    for scalar in UInt32(0)..<128 {
      let isNamed =
        !UnicodeClasses.shared[scalar].isDisjoint(with: sets)
        || merged.contains { $0.contains(scalar) }
      if isNamed != isNegated { bits[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63) }
    }
    (low, high) = (bits[0], bits[1])
  }

  /// Where the scalar at `position` ends, which lies before the end; nil where it is not of this
  /// class.
  @inline(__always)
  func match(_ text: TextView, at position: Int) -> Int? {
    let lead = text.base[position]
    if lead < 0x80 { return contains(ascii: lead) ? position + 1 : nil }
    let (set, next) = text.look(position)
    let isNamed = set & sets != 0 || !ranges.isEmpty && isInRanges(text.scalar(position))
    return isNamed != isNegated ? next : nil
  }

  @inline(__always)
  func contains(ascii byte: UInt8) -> Bool {
    (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 != 0
  }

  func contains(_ scalar: UInt32) -> Bool {
    guard scalar >= 0x80 else { return contains(ascii: UInt8(truncatingIfNeeded: scalar)) }
    let isNamed = UnicodeClasses.shared[scalar].rawValue & sets != 0 || isInRanges(scalar)
    return isNamed != isNegated
  }

  private func isInRanges(_ scalar: UInt32) -> Bool {
    var (first, end) = (0, ranges.count)
    while first < end {
      let middle = (first + end) / 2
      if ranges[middle].upperBound < scalar { first = middle + 1 } else { end = middle }
    }
    return first < ranges.count && ranges[first].contains(scalar)
  }
}
