/// Least-significant-digit radix sort of words by their upper halves.
///
/// Bits of floats can be made to order as the floats do, which makes this the sort of scores that
/// keep their positions, in the lower halves: linear, stable, without allocation and without
/// comparisons to mispredict. Scores alone are a kernel's work, `Kernels.sort`.
enum RadixSort {
  /// Counters that one sort needs: four digits of eight bits.
  static let counterCount = 4 * 256

  /// Sorts `words` ascending by their upper 32 bits; equal keys keep their order.
  ///
  /// - Parameters:
  ///   - words: `count` words; overwritten.
  ///   - scratch: room for `count` words; overwritten.
  ///   - counters: room for `counterCount` counters; overwritten.
  /// - Returns: `words` or `scratch`, whichever holds the sorted words.
  static func sort(
    _ words: UnsafeMutablePointer<UInt64>, scratch: UnsafeMutablePointer<UInt64>, count: Int,
    counters: UnsafeMutablePointer<UInt32>
  ) -> UnsafeMutablePointer<UInt64> {
    counters.update(repeating: 0, count: counterCount)
    for i in 0..<count {
      let key = UInt32(truncatingIfNeeded: words[i] &>> 32)
      counters[Int(key & 0xFF)] &+= 1
      counters[256 &+ Int((key &>> 8) & 0xFF)] &+= 1
      counters[512 &+ Int((key &>> 16) & 0xFF)] &+= 1
      counters[768 &+ Int(key &>> 24)] &+= 1
    }
    var source = words
    var target = scratch
    for digit in 0..<4 where count > 1 {
      let shift = UInt64(truncatingIfNeeded: 32 &+ 8 &* digit)
      let offsets = counters + 256 &* digit
      let first = Int(truncatingIfNeeded: (source[0] &>> shift) & 0xFF)
      if offsets[first] == UInt32(truncatingIfNeeded: count) { continue }
      var total: UInt32 = 0
      for bucket in 0..<256 {
        let size = offsets[bucket]
        offsets[bucket] = total
        total &+= size
      }
      for i in 0..<count {
        let word = source[i]
        let bucket = Int(truncatingIfNeeded: (word &>> shift) & 0xFF)
        let place = offsets[bucket]
        offsets[bucket] = place &+ 1
        target[Int(place)] = word
      }
      swap(&source, &target)
    }
    return source
  }
}
