import Foundation
import Reporting

/// Numbers as sentences say them.
enum QuantityText {
  /// For example `1,024 positions`.
  static func count(_ number: Int, _ unit: String, plural: String? = nil) -> String {
    "\(NumberText.grouped(number)) \(number == 1 ? unit : plural ?? unit + "s")"
  }

  /// For example `about 0.12 s`, `about 45 s`, `about 12 min` or `about 3.5 h`: two digits are all
  /// that an estimate has.
  static func estimate(ofSeconds value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "an unknown time" }
    return value < 0.001 ? "less than 0.001 s" : "about \(seconds(value))"
  }

  private static func seconds(_ value: Double) -> String {
    if value < 99.5 { return "\(twoDigits(value)) s" }
    if value < 99.5 * 60 { return "\(twoDigits(value / 60)) min" }
    return "\(twoDigits(value / 3600)) h"
  }

  /// For example `13 TFLOP`.
  static func operations(_ value: Double) -> String {
    let units = ["", "k", "M", "G", "T", "P"]
    var value = value
    var unit = 0
    while value >= 999.5, unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    return "\(value < 99.5 ? twoDigits(value) : String(Int(value.rounded()))) \(units[unit])FLOP"
  }

  /// For example `1.5 MiB`.
  static func bytes(_ bytes: Int) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(bytes) bytes" }
    return "\((value * 10).rounded() / 10) \(units[unit])"
  }

  private static func twoDigits(_ value: Double) -> String {
    let decimals = value < 0.01 ? 4 : value < 0.0995 ? 3 : value < 0.995 ? 2 : value < 9.95 ? 1 : 0
    return String(format: "%.\(decimals)f", locale: nil, value)
  }
}
