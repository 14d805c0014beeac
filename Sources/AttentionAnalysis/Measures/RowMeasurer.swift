import Inference
import Results

/// The measures of one attention row against one drop order.
public struct RowMeasures: Sendable, Equatable {
  /// ALR, Eq. 3: the sum of `L^m - L^{m,ref}` for m = 1…n.
  public var alr: Double
  /// The ALR that dropping at random gives on average.
  public var randomALR: Double

  public init(alr: Double, randomALR: Double) {
    self.alr = alr
    self.randomALR = randomALR
  }
}

/// Measures attention rows one after another in scratch memory of its own.
///
/// One sort a row gives the ideal order, from which everything else follows in linear time, for
/// any number of drop orders: with `d_j` the scores in drop order and `s_j` the scores ascending,
/// counted from 0, `Y = Σ_j (n - j)(d_j - s_j)`, the rank form of Eq. 3. Sums are float64 in a
/// fixed order. An instance belongs to one thread at a time.
public final class RowMeasurer {
  private let kernels: Kernels
  private let capacity: Int
  private let words: UnsafeMutablePointer<UInt64>
  private let scratch: UnsafeMutablePointer<UInt64>
  private let counters: UnsafeMutablePointer<UInt32>
  /// Scores of the current row, ascending.
  private let ascending: UnsafeMutablePointer<Float>
  /// The same in drop order.
  private let dropped: UnsafeMutablePointer<Float>
  /// Words of (score bits, position), ascending, of a row that was sorted with its positions.
  private var sortedWords: UnsafeMutablePointer<UInt64>?

  /// - Parameters:
  ///   - capacity: the most entries a row will have.
  ///   - kernels: sort the rows.
  public init(capacity: Int, kernels: Kernels = Kernels()) {
    self.kernels = kernels
    self.capacity = capacity + Kernels.sortMargin
    words = .allocate(capacity: self.capacity)
    scratch = .allocate(capacity: self.capacity)
    counters = .allocate(capacity: RadixSort.counterCount)
    ascending = .allocate(capacity: self.capacity)
    dropped = .allocate(capacity: self.capacity)
  }

  /// Bytes that an instance takes.
  static func byteCount(capacity: Int) -> Int {
    (capacity + Kernels.sortMargin) * 2 * (MemoryLayout<UInt64>.stride + MemoryLayout<Float>.stride)
      + RadixSort.counterCount * MemoryLayout<UInt32>.stride
  }

  deinit {
    words.deallocate()
    scratch.deallocate()
    counters.deallocate()
    ascending.deallocate()
    dropped.deallocate()
  }

  /// Sorts a row, to be measured against drop orders from now on.
  ///
  /// - Parameters:
  ///   - attention: non-negative post-softmax scores `a_p`, the query's own left out.
  ///   - forSpearman: whether `spearman` will be asked for, which needs the positions too.
  /// - Returns: `false` where a score is infinite or NaN; there is nothing to measure then.
  public func sort(
    _ attention: UnsafeBufferPointer<Float>, forSpearman: Bool = false
  ) -> Bool {
    precondition(attention.count <= capacity, "row longer than the measurer was made for")
    sortedWords = nil
    if forSpearman { return sortWithPositions(attention) }
    let spare = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
    return kernels.sort(attention, into: ascending, scratch: spare)
  }

  /// ALR and random ALR of the sorted row against a drop order; adds its two loss curves to
  /// `attentionLoss` and `referenceLoss`.
  ///
  /// - Parameters:
  ///   - attention: the row that was sorted.
  ///   - dropOrder: the positions of `attention` from the first dropped to the last.
  ///   - attentionLoss: 101 sums; `L^m` at m = floor(i·n/100) is added to the i-th.
  ///   - referenceLoss: 101 sums; `L^{m,ref}` likewise.
  public func measure(
    _ attention: UnsafeBufferPointer<Float>, dropOrder: UnsafePointer<Int32>,
    attentionLoss: UnsafeMutablePointer<Double>, referenceLoss: UnsafeMutablePointer<Double>
  ) -> RowMeasures {
    losses(attention, dropOrder, attentionLoss, referenceLoss)
  }

  /// Spearman's coefficient of the sorted row's scores and how soon their positions are dropped;
  /// NaN where undefined: fewer than two positions, or one side all tied.
  ///
  /// - Parameter ranks: of the row's positions.
  func spearman(_ ranks: CentredRanks) -> Double {
    guard let sortedWords else { preconditionFailure("a row sorted with its positions") }
    return Self.spearman(sortedWords, count: ranks.values.count, normRanks: ranks)
  }

  /// Sorts scores and positions together; whether the scores are all finite.
  private func sortWithPositions(_ attention: UnsafeBufferPointer<Float>) -> Bool {
    let count = attention.count
    for i in 0..<count {
      words[i] = UInt64(Self.key(attention[i])) &<< 32 | UInt64(truncatingIfNeeded: i)
    }
    let sorted = RadixSort.sort(
      words, scratch: scratch, count: count, counters: counters)
    for i in 0..<count {
      ascending[i] = Float(bitPattern: UInt32(truncatingIfNeeded: sorted[i] &>> 32))
    }
    sortedWords = sorted
    return count == 0 || ascending[count - 1].isFinite
  }

  /// Bits that order as the scores do; the sign, which only a zero could have, is cleared.
  @inline(__always)
  private static func key(_ score: Float) -> UInt32 { score.bitPattern & 0x7FFF_FFFF }

  private func losses(
    _ attention: UnsafeBufferPointer<Float>, _ dropOrder: UnsafePointer<Int32>,
    _ attentionLoss: UnsafeMutablePointer<Double>, _ referenceLoss: UnsafeMutablePointer<Double>
  ) -> RowMeasures {
    let count = attention.count
    guard count > 0, let scores = attention.baseAddress else {
      return RowMeasures(alr: 0, randomALR: 0)
    }
    let alr = gather(scores, dropOrder, count)
    var loss = 0.0
    var reference = 0.0
    var j = 0
    for i in 1..<curvePointCount {
      // Sums of its own for each stretch of the curve: they do not wait for one another.
      let end = i * count / (curvePointCount - 1)
      var stretchLoss = 0.0
      var stretchReference = 0.0
      while j < end {
        stretchLoss += Double(dropped[j])
        stretchReference += Double(ascending[j])
        j &+= 1
      }
      loss += stretchLoss
      reference += stretchReference
      attentionLoss[i] += loss
      referenceLoss[i] += reference
    }
    let random = spread(count)
    // Eq. 2 is never negative; a sum that comes out a rounding error below zero is zero.
    return RowMeasures(alr: max(0, alr), randomALR: random)
  }

  /// Lays the scores out in drop order and returns `Σ_j (n - j)(d_j - s_j)`.
  private func gather(
    _ scores: UnsafePointer<Float>, _ dropOrder: UnsafePointer<Int32>, _ count: Int
  ) -> Double {
    var sums = SIMD4<Double>.zero
    var weights = Double(count) - SIMD4(0, 1, 2, 3)
    var j = 0
    while j &+ 4 <= count {
      let four = dropOrder + j
      let taken = SIMD4<Float>(
        scores[Int(four[0])], scores[Int(four[1])], scores[Int(four[2])], scores[Int(four[3])])
      UnsafeMutableRawPointer(dropped + j).storeBytes(of: taken, as: SIMD4<Float>.self)
      let ideal = UnsafeRawPointer(ascending + j).loadUnaligned(as: SIMD4<Float>.self)
      sums += weights * (SIMD4<Double>(taken) - SIMD4<Double>(ideal))
      weights -= 4
      j &+= 4
    }
    var alr = sum(sums)
    while j < count {
      dropped[j] = scores[Int(dropOrder[j])]
      alr += Double(count &- j) * (Double(dropped[j]) - Double(ascending[j]))
      j &+= 1
    }
    return alr
  }

  /// (n+1)/2·Σa - Σ_m L^{m,ref} of the `count` ascending scores, gathered in pairs from both ends:
  /// no term is negative, and equal scores give exactly 0.
  private func spread(_ count: Int) -> Double {
    let pairs = count / 2
    let top = count &- 1
    var sums = SIMD4<Double>.zero
    var levers = (Double(top) / 2) - SIMD4(0, 1, 2, 3)
    var j = 0
    while j &+ 4 <= pairs {
      let low = UnsafeRawPointer(ascending + j).loadUnaligned(as: SIMD4<Float>.self)
      let high = UnsafeRawPointer(ascending + top - j - 3).loadUnaligned(as: SIMD4<Float>.self)
      let mirrored = SIMD4(high.w, high.z, high.y, high.x)
      sums += levers * (SIMD4<Double>(mirrored) - SIMD4<Double>(low))
      levers -= 4
      j &+= 4
    }
    var rest = 0.0
    while j < pairs {
      rest += (Double(top) / 2 - Double(j)) * (Double(ascending[top &- j]) - Double(ascending[j]))
      j &+= 1
    }
    return sum(sums) + rest
  }

  /// Spearman's coefficient from words of (score bits, position), ascending.
  private static func spearman(
    _ sorted: UnsafeMutablePointer<UInt64>, count: Int, normRanks: CentredRanks
  ) -> Double {
    var covariance = 0.0
    var squares = 0.0
    normRanks.values.withUnsafeBufferPointer { ranks in
      var start = 0
      while start < count {
        let key = sorted[start] &>> 32
        var sum = Int(ranks[Int(truncatingIfNeeded: sorted[start] & 0xFFFF_FFFF)])
        var end = start &+ 1
        while end < count, sorted[end] &>> 32 == key {
          sum &+= Int(ranks[Int(truncatingIfNeeded: sorted[end] & 0xFFFF_FFFF)])
          end &+= 1
        }
        let centred = Double(start &+ end &- count)
        covariance += centred * Double(sum)
        squares += Double(end &- start) * centred * centred
        start = end
      }
    }
    guard squares > 0, normRanks.sumOfSquares > 0 else { return .nan }
    return covariance / (squares * normRanks.sumOfSquares).squareRoot()
  }
}

/// The lanes' sum in a fixed order.
@inline(__always)
private func sum(_ lanes: SIMD4<Double>) -> Double { (lanes.x + lanes.y) + (lanes.z + lanes.w) }
