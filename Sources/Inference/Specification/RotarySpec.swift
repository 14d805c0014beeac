import Foundation

/// Rotary position embedding of pairs (i, i + dimension / 2).
public struct RotarySpec: Sendable, Equatable {
  /// First dimensions of a head that rotate.
  public var dimension: Int
  public var base: Double
  public var scaling = RotaryScaling.none
}

/// How a rotation is stretched beyond the context it was trained for.
public enum RotaryScaling: Sendable, Equatable {
  case none
  case linear(factor: Double)
  /// The base grows with lengths beyond `context`.
  case dynamic(factor: Double, context: Int)
  /// Low frequencies slow down by `factor`, high ones stay, those between are interpolated.
  case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, context: Int)
  case yarn(YarnScaling)
  /// One divisor a frequency: one list up to `context` tokens, another beyond.
  case longrope(short: [Float], long: [Float], context: Int, attentionFactor: Double)
  /// One divisor a frequency, whatever the length.
  case divisors([Float])
}

extension RotaryScaling {
  /// The usual factor of queries and keys for a context `scale` times as long.
  static func longropeAttentionFactor(scale: Double, context: Int) -> Double {
    scale <= 1 || context <= 1 ? 1 : (1 + log(scale) / log(Double(context))).squareRoot()
  }
}

/// Frequencies that turn more than `betaFast` times in `context` stay, those that turn less than
/// `betaSlow` times slow down by `factor`, with a ramp between them.
public struct YarnScaling: Sendable, Equatable {
  public var factor: Double
  public var context: Int
  public var betaFast: Double = 32
  public var betaSlow: Double = 1
  /// Whether the ramp's ends are rounded outward to whole dimensions.
  public var isTruncated = true
  public var attentionFactor: Double

  /// The usual factor of queries and keys for a context `scale` times as long.
  public static func attentionFactor(scale: Double, weight: Double = 1) -> Double {
    scale <= 1 ? 1 : 0.1 * weight * log(scale) + 1
  }
}

extension RotarySpec {
  /// The factor of cosines and sines, and so of the length of rotated queries and keys.
  public var attentionFactor: Double {
    switch scaling {
    case .yarn(let yarn): yarn.attentionFactor
    case .longrope(_, _, _, let factor): factor
    default: 1
    }
  }

  /// Whether the same position turns by another angle in a longer text.
  var dependsOnLength: Bool {
    switch scaling {
    case .dynamic, .longrope: true
    case .none, .linear, .llama3, .yarn, .divisors: false
    }
  }

  /// Radians a position of each pair in a text of `length` tokens, (dimension / 2), rounded to
  /// float32 where the reference implementation rounds.
  func inverseFrequencies(length: Int) -> [Float] {
    switch scaling {
    case .none:
      return unscaled(base)
    case .linear(let factor):
      return unscaled(base).map { $0 / Float(factor) }
    case .dynamic(let factor, let context):
      return unscaled(
        dynamicBase(factor: factor, context: context, length: max(length, context)))
    case .llama3(let factor, let low, let high, let context):
      return unscaled(base).map { frequency in
        let turns = Float(context) * frequency / (2 * Float.pi)
        if turns > Float(high) { return frequency }
        let slow = frequency / Float(factor)
        if turns < Float(low) { return slow }
        let smooth = (turns - Float(low)) / Float(high - low)
        return (1 - smooth) * slow + smooth * frequency
      }
    case .yarn(let yarn):
      return interpolated(yarn)
    case .longrope(let short, let long, let context, _):
      return divided(by: length > context ? long : short)
    case .divisors(let divisors):
      return divided(by: divisors)
    }
  }

  /// The base that dynamic scaling has in a text of `length` tokens, at least `context`.
  func dynamicBase(factor: Double, context: Int, length: Int) -> Double {
    let stretch = factor * Double(length) / Double(context) - (factor - 1)
    return base * pow(stretch, Double(dimension) / Double(dimension - 2))
  }

  private func unscaled(_ base: Double) -> [Float] { powers(base).map { 1 / $0 } }

  /// base^(2i / dimension)
  private func powers(_ base: Double) -> [Float] {
    (0..<dimension / 2).map { index in
      Float(pow(base, Double(Float(2 * index) / Float(dimension))))
    }
  }

  private func divided(by divisors: [Float]) -> [Float] {
    zip(powers(base), divisors).map { 1 / ($1 * $0) }
  }

  private func interpolated(_ yarn: YarnScaling) -> [Float] {
    /// The dimension whose frequency turns `rotations` times within the context.
    func dimension(turning rotations: Double) -> Double {
      Double(self.dimension) * log(Double(yarn.context) / (rotations * 2 * .pi)) / (2 * log(base))
    }
    var low = dimension(turning: yarn.betaFast)
    var high = dimension(turning: yarn.betaSlow)
    if yarn.isTruncated {
      low = low.rounded(.down)
      high = high.rounded(.up)
    }
    low = max(low, 0)
    high = min(high, Double(self.dimension - 1))
    if low == high { high += 0.001 }
    return powers(base).enumerated().map { index, power in
      let ramp = min(1, max(0, (Float(index) - Float(low)) / Float(high - low)))
      return 1 / (Float(yarn.factor) * power) * ramp + 1 / power * (1 - ramp)
    }
  }
}

extension RotarySpec: CustomStringConvertible {
  /// For example `128 dimensions, base 500000, llama3 8`.
  public var description: String {
    let scaling: String? =
      switch scaling {
      case .none: nil
      case .linear(let factor): "linear \(Self.shortest(factor))"
      case .dynamic(let factor, let context):
        "dynamic \(Self.shortest(factor)) beyond \(context)"
      case .llama3(let factor, _, _, let context):
        "llama3 \(Self.shortest(factor)) over \(context)"
      case .yarn(let yarn): "yarn \(Self.shortest(yarn.factor)) over \(yarn.context)"
      case .longrope(_, _, let context, _): "longrope beyond \(context)"
      case .divisors: "a divisor a frequency"
      }
    return
      (["\(dimension) dimensions", "base \(Self.shortest(base))"]
      + [scaling].compactMap { $0 })
      .joined(separator: ", ")
  }

  /// 8, not 8.0.
  static func shortest(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}
