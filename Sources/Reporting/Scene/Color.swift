/// An opaque sRGB colour; components from 0 to 1.
public struct Color: Sendable, Equatable {
  public var red: Double
  public var green: Double
  public var blue: Double

  public init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The colour `0xRRGGBB`.
  public init(hex: UInt32) {
    red = Double((hex >> 16) & 0xff) / 255
    green = Double((hex >> 8) & 0xff) / 255
    blue = Double(hex & 0xff) / 255
  }

  /// The components rounded to 8 bits.
  public var bytes: (red: UInt8, green: UInt8, blue: UInt8) {
    func quantised(_ value: Double) -> UInt8 {
      value.isNaN ? 0 : UInt8((min(max(value, 0), 1) * 255).rounded())
    }
    return (quantised(red), quantised(green), quantised(blue))
  }

  /// `#rrggbb`.
  public var hexString: String {
    let (red, green, blue) = bytes
    return "#"
      + [red, green, blue].map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// The colour `fraction` of the way to `other`, component by component.
  public func mixed(with other: Color, fraction: Double) -> Color {
    Color(
      red: red + (other.red - red) * fraction, green: green + (other.green - green) * fraction,
      blue: blue + (other.blue - blue) * fraction)
  }

  /// Relative luminance (Rec. 709), from 0 to 1; says whether dark or light text reads on it.
  /// The exponent 2.4 of sRGB is taken as 2.25, which needs square roots only.
  public var luminance: Double {
    func linear(_ value: Double) -> Double {
      let root = (value + 0.055) / 1.055
      return value <= 0.04045 ? value / 12.92 : root * root * root.squareRoot().squareRoot()
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
}

/// What a colour is for; a theme says which colour that is.
public enum ThemeRole: String, Sendable, CaseIterable {
  case background
  case ink
  case mutedInk
  case axis
  case grid
  case missing
  case missingMark
  case accent
  case warning
  case reference
}

/// A colour as a scene names it: a role that the theme resolves, or one that data decided.
public struct Paint: Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    case role(ThemeRole)
    case color(Color)
  }

  public var source: Source
  /// 0 invisible, 1 opaque.
  public var opacity: Double

  public init(_ source: Source, opacity: Double = 1) {
    self.source = source
    self.opacity = opacity
  }

  public static func role(_ role: ThemeRole, opacity: Double = 1) -> Paint {
    Paint(.role(role), opacity: opacity)
  }

  public static func color(_ color: Color) -> Paint { Paint(.color(color)) }
}

/// The colours of one appearance.
public struct Theme: Sendable, Equatable {
  public var name: String
  public var background: Color
  public var ink: Color
  public var mutedInk: Color
  public var axis: Color
  public var grid: Color
  public var missing: Color
  public var missingMark: Color
  public var accent: Color
  public var warning: Color
  public var reference: Color

  public static let light = Theme(
    name: "light", background: Color(hex: 0xffffff), ink: Color(hex: 0x1b212c),
    mutedInk: Color(hex: 0x566072), axis: Color(hex: 0x8b94a3), grid: Color(hex: 0xe4e7ec),
    missing: Color(hex: 0xeef0f3), missingMark: Color(hex: 0xb3bac6), accent: Color(hex: 0x2a5f9e),
    warning: Color(hex: 0xc4541c), reference: Color(hex: 0x6d7686))

  public static let dark = Theme(
    name: "dark", background: Color(hex: 0x12161c), ink: Color(hex: 0xe8ebf0),
    mutedInk: Color(hex: 0xa2acba), axis: Color(hex: 0x6a7482), grid: Color(hex: 0x2a313b),
    missing: Color(hex: 0x1e242d), missingMark: Color(hex: 0x525c6a), accent: Color(hex: 0x7fb2ee),
    warning: Color(hex: 0xf0915a), reference: Color(hex: 0xa0a9b6))

  public subscript(role: ThemeRole) -> Color {
    switch role {
    case .background: background
    case .ink: ink
    case .mutedInk: mutedInk
    case .axis: axis
    case .grid: grid
    case .missing: missing
    case .missingMark: missingMark
    case .accent: accent
    case .warning: warning
    case .reference: reference
    }
  }

  /// The colour that `paint` stands for here.
  public func color(of paint: Paint) -> Color {
    switch paint.source {
    case .role(let role): self[role]
    case .color(let color): color
    }
  }
}
