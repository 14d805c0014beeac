/// What a document may look like beyond RFC 8259.
public struct JSONLimits: Sendable, Equatable {
  /// What may stand between the value and the end of the bytes.
  public enum Trailing: Sendable {
    case whitespace
    /// Only 0x20, as in a safetensors header.
    case spaces
  }

  /// Objects and arrays within one another; a scalar at the root has depth 0.
  public var maximumDepth: Int
  /// Bytes of the whole document; never more than `UInt32.max`.
  public var maximumBytes: Int
  public var trailing: Trailing
  /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes them; such a number
  /// has no value.
  public var allowsNonFinite: Bool

  public init(
    maximumDepth: Int = 128, maximumBytes: Int = Int(UInt32.max),
    trailing: Trailing = .whitespace, allowsNonFinite: Bool = false
  ) {
    self.maximumDepth = maximumDepth
    self.maximumBytes = min(maximumBytes, Int(UInt32.max))
    self.trailing = trailing
    self.allowsNonFinite = allowsNonFinite
  }

  /// Depth 128, trailing whitespace of every kind.
  public static let standard = JSONLimits()
}
