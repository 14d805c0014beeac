import Foundation

/// A rotation in place of the checkpoint's, as `--rope` spells it.
///
/// Some models were published without the scaling that they were run with.
public struct RotaryOverride: Sendable, Equatable {
  /// A rotation by another rule than the file's.
  public enum Scaling: Sendable, Equatable {
    case unscaled
    case linear(factor: Double)
    /// `length` is the length that the base is held at; `nil` where it follows each text.
    case dynamic(factor: Double, length: Int?)
  }

  /// `nil` for the file's.
  public var base: Double?
  /// `nil` for the file's.
  public var scaling: Scaling?

  /// Every form that `init(_:)` takes.
  public static let spellings =
    "base:BASE, none, linear:FACTOR, dynamic:FACTOR or dynamic:FACTOR@LENGTH, or base:BASE,SCALING"

  private static let largestLength = 1 << 30

  /// - Parameter text: `base:BASE` with a base above 1, a scaling with a factor of at least 1, or
  ///   both with a comma between them.
  public init?(_ text: String) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
      let value = pieces.count == 2 ? pieces[1] : ""
      switch (pieces[0], pieces.count) {
      case ("base", 2):
        guard base == nil, let number = Self.number(value), number > 1 else { return nil }
        base = number
      case ("none", 1) where scaling == nil:
        scaling = .unscaled
      case ("linear", 2) where scaling == nil:
        guard let factor = Self.number(value), factor >= 1 else { return nil }
        scaling = .linear(factor: factor)
      case ("dynamic", 2) where scaling == nil:
        let parts = value.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let factor = Self.number(parts[0]), factor >= 1 else { return nil }
        var length: Int?
        if parts.count == 2 {
          guard let number = Int(parts[1]), (1...Self.largestLength).contains(number) else {
            return nil
          }
          length = number
        }
        scaling = .dynamic(factor: factor, length: length)
      default:
        return nil
      }
    }
  }

  /// Digits with at most a point or an exponent: no sign, no name of a number, no hexadecimal.
  private static func number(_ text: Substring) -> Double? {
    guard text.utf8.allSatisfy({ "0123456789.eE".utf8.contains($0) }), let number = Double(text),
      number.isFinite
    else { return nil }
    return number
  }

  /// Changes the model's rotation.
  ///
  /// A dynamic scaling that is held at a length is a base of its own,
  /// base · (factor · length / context − (factor − 1))^(d / (d − 2)).
  ///
  /// - Throws: `InferenceError.unsuitableRotaryOverride` where there is no rotation, or more than
  ///   one, or the length is below the model's context.
  func apply(to spec: inout ArchitectureSpec) throws(InferenceError) {
    guard spec.rotaries.count == 1, spec.layers.contains(where: { $0.rotary != nil }) else {
      throw .unsuitableRotaryOverride(
        reason: spec.rotaries.count > 1
          ? "'\(spec.name)' rotates by several rules" : "'\(spec.name)' rotates nothing")
    }
    var rotary = spec.rotaries[0]
    if let base { rotary.base = base }
    switch scaling {
    case nil: break
    case .unscaled: rotary.scaling = .none
    case .linear(let factor): rotary.scaling = .linear(factor: factor)
    case .dynamic(let factor, let length):
      guard rotary.dimension > 2 else {
        throw .unsuitableRotaryOverride(reason: "only \(rotary.dimension) dimensions rotate")
      }
      rotary.scaling = .dynamic(factor: factor, context: spec.contextLength)
      if let length {
        guard length >= spec.contextLength else {
          throw .unsuitableRotaryOverride(
            reason: "\(length) is less than the model's context of \(spec.contextLength)")
        }
        rotary.base = rotary.dynamicBase(
          factor: factor, context: spec.contextLength, length: length)
        rotary.scaling = .none
        spec.contextLength = length
      }
    }
    spec.rotaries[0] = rotary
  }
}

extension RotaryOverride: CustomStringConvertible {
  /// The one spelling that equal overrides share.
  public var description: String {
    let scaling: String? =
      switch scaling {
      case nil: nil
      case .unscaled: "none"
      case .linear(let factor): "linear:\(RotarySpec.shortest(factor))"
      case .dynamic(let factor, nil): "dynamic:\(RotarySpec.shortest(factor))"
      case .dynamic(let factor, let length?): "dynamic:\(RotarySpec.shortest(factor))@\(length)"
      }
    return [base.map { "base:\(RotarySpec.shortest($0))" }, scaling].compactMap { $0 }.joined(
      separator: ",")
  }
}
