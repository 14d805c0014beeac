import Foundation

/// The memory that this process holds.
enum ProcessMemory {
  /// Bytes of resident memory that no file is behind; `nil` where the system does not say it as
  /// Linux does.
  static var held: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    return anonymous(in: status)
  }

  /// The `RssAnon` of a process's status, in bytes.
  static func anonymous(in status: String) -> Int? {
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
    guard words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]), kilobytes >= 0 else {
      return nil
    }
    let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
    return overflow ? nil : bytes
  }
}
