@testable import AttentionAnalysis
@testable import Inference

/// Made-up keys, values and queries of a KV head with two query heads, as `make_scores.py` draws
/// them.
final class ScoreCase: Sendable {
  static let size = 8
  static let heads = 2
  static let rotary = RotarySpec(dimension: 6, base: 100)

  let length: Int
  /// Of the slots.
  let positions: [Int]
  private let window: Int?
  private let softCap: Float
  private let keys: [Float]
  private let values: [Float]
  private let queries: [Float]

  init(
    seed: UInt64, length: Int, positions: [Int]? = nil, window: Int? = nil, softCap: Float = 0
  ) {
    func draws(_ seed: UInt64, _ count: Int) -> [Double] {
      var lots = SplitMix64(seed: seed)
      return (0..<count).map { _ in Double(lots.next() >> 41) / Double(1 << 22) - 1 }
    }
    let count = length * Self.size
    self.length = length
    self.positions = positions ?? Array(0..<length)
    self.window = window
    self.softCap = softCap
    keys = draws(seed, count).map { Float($0 * 2 + 0.3) }
    values = draws(seed + 1, count).map { Float($0) }
    queries = draws(seed + 2, Self.heads * count).map { Float($0 * 3) }
  }

  static let named: [String: ScoreCase] = [
    "whole": ScoreCase(seed: 1, length: 90),
    "window": ScoreCase(seed: 11, length: 90, window: 30, softCap: 3),
    "pruned": ScoreCase(
      seed: 21, length: 120, positions: (0..<120).filter { $0 % 3 != 1 }),
    "long": ScoreCase(seed: 31, length: 280),
  ]

  /// Calls `body` with the view of all slots and the queries at all positions, or some.
  func withView<Result>(
    queries observed: Range<Int>? = nil, _ body: (KVHeadView) throws -> Result
  ) rethrows -> Result {
    let table = RotaryTable(Self.rotary, positions: 0..<length, length: length)
    let size = Self.size
    let seen = observed ?? 0..<length
    let norms = positions.map { position in
      keys[position * size..<(position + 1) * size].reduce(0.0) { $0 + Double($1) * Double($1) }
        .squareRoot()
    }
    return try keys.withUnsafeBufferPointer { keys in
      try values.withUnsafeBufferPointer { values in
        try queries.withUnsafeBufferPointer { queries in
          try positions.map(UInt32.init).withUnsafeBufferPointer { slots in
            try norms.withUnsafeBufferPointer { norms in
              func vectors(
                _ base: UnsafeBufferPointer<Float>, from row: Int = 0, _ positions: [Int],
                _ rotary: RotaryTable?
              ) -> HeadVectors {
                HeadVectors(
                  rows: positions.compactMap { base.baseAddress?.advanced(by: (row + $0) * size) },
                  positions: positions, size: size, rotary: rotary)
              }
              return try body(
                KVHeadView(
                  sequence: 0, layer: 0, kvHead: 0, window: window, positions: slots,
                  keyNorms: norms, keys: vectors(keys, positions, table),
                  values: vectors(values, positions, nil),
                  queries: (0..<Self.heads).map {
                    vectors(queries, from: $0 * length, Array(seen), table)
                  }, scaling: .init(scale: 0.35, softCap: softCap)))
            }
          }
        }
      }
    }
  }
}

extension EvictionScore {
  /// The scores of a view's slots.
  func scores(of view: KVHeadView) -> [Double] {
    var scores = [Double](repeating: .nan, count: view.count)
    scores.withUnsafeMutableBufferPointer { score(view, into: $0) }
    return scores
  }
}
