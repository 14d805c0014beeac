import Dispatch

/// Seconds of repeated runs: the median counts, the spread says how far to trust it.
public struct Timing: Sendable {
  /// Ascending.
  public let seconds: [Double]

  public init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty, "at least one run")
    self.seconds = seconds.sorted()
  }

  public var fastest: Double { seconds[0] }
  public var slowest: Double { seconds[seconds.count - 1] }
  public var median: Double {
    let middle = seconds.count / 2
    return seconds.count.isMultiple(of: 2)
      ? (seconds[middle - 1] + seconds[middle]) / 2 : seconds[middle]
  }

  /// Runs every body in turn, `rounds` times over, so that a machine that speeds up or slows
  /// down does so for all of them.
  public static func interleaved(
    rounds: Int, _ bodies: [() throws -> Void]
  ) throws -> [Timing] {
    var seconds = [[Double]](repeating: [], count: bodies.count)
    for _ in 0..<rounds {
      for (index, body) in bodies.enumerated() { seconds[index].append(try time(body)) }
    }
    return seconds.map(Timing.init)
  }

  /// Seconds that `body` takes.
  public static func time(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }
}
