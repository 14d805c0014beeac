import Foundation
import Inference
import ModelFiles

/// A figure of `bench` in text and JSON.
protocol BenchFigure {
  var line: String { get }
  var json: JSONValue { get }
}

/// How fast all threads read memory.
struct ReadFigure: BenchFigure {
  let threads: Int
  let bytesPerSecond: Double
  /// Seconds of one run.
  let timing: Timing

  static func name(threads: Int) -> String { "read, \(threads) threads" }

  var line: String {
    BenchLine.text(
      nil, Self.name(threads: threads), "\(BenchLine.fixed(bytesPerSecond / 1e9, 1)) GB/s",
      share: 1, timing)
  }

  var json: JSONValue {
    [
      "name": .string(Self.name(threads: threads)),
      "seconds": .array(timing.seconds.map(JSONValue.double)),
      "gigabytes_per_second": .double(bytesPerSecond / 1e9),
    ]
  }
}

/// How fast sequences get their next tokens.
struct DecodeFigure: BenchFigure {
  let precision: Precision
  /// Sequences that go through the layers together.
  let sequences: Int
  /// Seconds of a step, in which every sequence gets a token.
  let timing: Timing
  /// Seconds that reading the weights of a token once takes.
  let readLimit: Double

  static func name(sequences: Int) -> String {
    sequences == 1 ? "decode, 1 sequence" : "decode, \(sequences) sequences"
  }

  private var tokensPerSecond: Double { Double(sequences) / timing.median }
  private var share: Double { readLimit / timing.median }

  var line: String {
    BenchLine.text(
      precision, Self.name(sequences: sequences),
      "\(BenchLine.fixed(tokensPerSecond, 1)) tokens/s", share: share, timing)
  }

  var json: JSONValue {
    [
      "name": .string(Self.name(sequences: sequences)), "precision": .string(precision.rawValue),
      "sequences": .int(sequences), "seconds": .array(timing.seconds.map(JSONValue.double)),
      "tokens_per_second": .double(tokensPerSecond),
      "milliseconds_per_token": .double(1000 / tokensPerSecond),
      "share_of_read_limit": .double(share),
    ]
  }
}

/// A line of the table of `bench`.
enum BenchLine {
  static func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  /// - Parameter share: of the peak or of the read limit.
  static func text(
    _ precision: Precision?, _ name: String, _ figure: String, share: Double, _ timing: Timing
  ) -> String {
    let label = "\(precision?.rawValue ?? "all")  \(name)".padding(
      toLength: 46, withPad: " ", startingAt: 0)
    let percent = "\(fixed(100 * share, 1)) %".leftPadded(to: 9)
    let spread = "(\(fixed(timing.fastest, 4))-\(fixed(timing.slowest, 4)))"
    return "\(label)\(figure.leftPadded(to: 16))\(percent)  \(fixed(timing.median, 4)) s \(spread)"
  }
}
