import AttentionAnalysis
import CKernels
import Testing

/// Sorting of scores, and selection from an order, of every instruction set.
struct SortTests {
  /// Around a vector, around the network that ends the quicksort, and beyond.
  static let counts = [0, 1, 2, 15, 16, 17, 31, 32, 33, 64, 127, 128, 129, 500, 5000]

  enum Kind: CaseIterable {
    case random, ties, equal, ascending, descending, signedZeros, denormal

    func scores(_ count: Int) -> [Float] {
      var random = SplitMix64(seed: UInt64(count))
      return (0..<count).map { index in
        switch self {
        case .random: random.float()
        case .ties: Float(Int.random(in: -3...3, using: &random)) / 8
        case .equal: 0.125
        case .ascending: Float(index)
        case .descending: Float(count - index)
        case .signedZeros: [0, -0.0, 0.5, -0.5][Int.random(in: 0..<4, using: &random)]
        case .denormal: Float(bitPattern: UInt32.random(in: 0...0x0100_0000, using: &random))
        }
      }
    }
  }

  private struct Sorted {
    let isFinite: Bool
    let bits: [UInt32]
    let isIntact: Bool

    init(_ scores: [Float], by kernels: KernelSet) {
      let input = Poisoned(scores)
      let output = Poisoned(count: scores.count)
      let scratch = Poisoned(count: scores.count + 16)
      isFinite =
        kernels.table.pointee.sort_scores(input.base, scores.count, output.base, scratch.base) != 0
      bits = output.values.map(\.bitPattern)
      isIntact = input.isIntact && output.isIntact && scratch.isIntact
    }
  }

  @Test(arguments: KernelSet.all, Kind.allCases)
  func sortsMagnitudes(_ kernels: KernelSet, kind: Kind) {
    for count in Self.counts {
      let scores = kind.scores(count)
      let sorted = Sorted(scores, by: kernels)
      #expect(sorted.isFinite && sorted.isIntact, "\(count)")
      #expect(sorted.bits == scores.map { abs($0) }.sorted().map(\.bitPattern), "\(count)")
    }
  }

  @Test(arguments: KernelSet.all, [Float.nan, -.nan, .signalingNaN, .infinity, -.infinity])
  func refusesWhatIsNotFinite(_ kernels: KernelSet, bad: Float) {
    for count in Self.counts where count > 0 {
      for place in Set([0, count / 2, count - 1]) {
        var scores = Kind.random.scores(count)
        scores[place] = bad
        let sorted = Sorted(scores, by: kernels)
        #expect(!sorted.isFinite && sorted.isIntact, "\(place) of \(count)")
      }
    }
  }

  @Test(arguments: KernelSet.all, [false, true])
  func selectsARangeInItsOrder(_ kernels: KernelSet, isDescending: Bool) {
    for count in Self.counts {
      var random = SplitMix64(seed: UInt64(count))
      let ascending = (0..<Int32(count)).map { $0 }
      let order = isDescending ? ascending.reversed() : ascending.shuffled(using: &random)
      for (lower, upper) in [
        (0, count), (0, count / 2), (count / 3, count), (count / 3, count * 2 / 3), (count, count),
        (count / 2, min(count / 2 + 1, count)), (0, 0),
      ] {
        let untouched: Int32 = -7
        var selected = [Int32](repeating: untouched, count: upper - lower + 16)
        let found = kernels.table.pointee.select_range(
          order, count, Int32(lower), UInt32(upper - lower), &selected)
        let expected = order.filter { (lower..<upper).contains(Int($0)) }.map { $0 - Int32(lower) }
        #expect(found == expected.count, "\(lower)..<\(upper) of \(count)")
        #expect(Array(selected.prefix(expected.count)) == expected)
        #expect(selected.dropFirst(expected.count).allSatisfy { $0 == untouched })
      }
    }
  }

  /// Each instruction set sorts by its own instructions, so that forcing one measures with it.
  @Test(arguments: KernelSet.all) func onlyAVX512CompressesLanes(_ kernels: KernelSet) throws {
    func functions(_ kernels: KernelSet) -> [Int] {
      [
        unsafeBitCast(kernels.table.pointee.sort_scores, to: Int.self),
        unsafeBitCast(kernels.table.pointee.select_range, to: Int.self),
      ]
    }
    let plain = functions(try #require(KernelSet("scalar")))
    let shared = zip(functions(kernels), plain).count { $0 == $1 }
    #expect(shared == (kernels.testDescription.hasPrefix("avx512") ? 0 : 2))
  }
}
