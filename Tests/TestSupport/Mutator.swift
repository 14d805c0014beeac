import AttentionAnalysis

/// Spoils bytes at random, the same way for the same seed.
public struct Mutator {
  private var random: SplitMix64

  public init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// One to four random changes of `bytes`.
  public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...next(below: 4) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = next(below: bytes.count)
    let length = min(1 + next(below: 16), bytes.count - place)
    switch next(below: 7) {
    case 0: bytes[place] ^= 1 << UInt8(next(below: 8))
    case 1: bytes[place] = UInt8(next(below: 256))
    case 2: bytes.removeSubrange(place..<place + length)
    case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: next(below: bytes.count))
    case 4: bytes.removeLast(min(bytes.count, 1 + next(below: 64)))
    case 5: overwrite(&bytes, place, Self.telling[next(below: Self.telling.count)])
    default:
      // Digits and brackets keep a JSON header readable more often than other bytes.
      bytes[place] = Self.letters[next(below: Self.letters.count)]
    }
  }

  private func overwrite(_ bytes: inout [UInt8], _ place: Int, _ value: UInt64) {
    for (index, byte) in littleEndian(value).enumerated() where place + index < bytes.count {
      bytes[place + index] = byte
    }
  }

  /// Integers at which arithmetic goes wrong.
  private static let telling: [UInt64] = [
    0, 1, 2, 31, 32, 63, 64, 255, 256, 65_535, 65_536, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max,
    .max - 1, .max - 31, (1 << 63) - 1, (1 << 32) - 1,
  ]

  private static let letters = Array("0123456789-.,:[]{}\"\\ eE".utf8)

  public mutating func next(below bound: Int) -> Int {
    Int(truncatingIfNeeded: random.next() % UInt64(bound))
  }
}
