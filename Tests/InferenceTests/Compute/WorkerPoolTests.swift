import Foundation
import Synchronization
import Testing

@testable import Inference

@Suite struct WorkerPoolTests {
  /// How often each piece was run, and by whom.
  private final class Tally: Sendable {
    private let counts: Mutex<[Int]>
    private let workers = Mutex<Set<Int>>([])

    init(_ pieces: Int) { counts = Mutex([Int](repeating: 0, count: pieces)) }

    func note(_ piece: Int, by worker: Int) {
      counts.withLock { $0[piece] += 1 }
      workers.withLock { _ = $0.insert(worker) }
    }

    var all: [Int] { counts.withLock { $0 } }
    var everyone: Set<Int> { workers.withLock { $0 } }
  }

  @Test(arguments: [1, 2, 3, 8]) func everyPieceIsRunOnceByAWorkerOfThePool(threads: Int) {
    let pool = WorkerPool(count: threads)
    for pieces in [0, 1, 2, 7, 500] {
      let tally = Tally(pieces)
      pool.run(pieces) { tally.note($0, by: $1) }
      #expect(tally.all == [Int](repeating: 1, count: pieces))
      #expect(tally.everyone.isSubset(of: 0..<threads))
    }
  }

  @Test func thousandsOfShortLoopsLoseNothing() {
    let pool = WorkerPool(count: 3)
    let sum = Atomic<Int>(0)
    for _ in 0..<20_000 {
      pool.run(4) { piece, _ in sum.wrappingAdd(piece + 1, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 200_000)
  }

  @Test func loopsAfterAPauseAreSharedAgain() throws {
    let pool = WorkerPool(count: 2)
    pool.run(2) { _, _ in }
    // Long enough for the other thread to have fallen asleep.
    Thread.sleep(forTimeInterval: 0.05)
    let arrived = Atomic<Int>(0)
    let deadline = Date(timeIntervalSinceNow: 20)
    // Each piece waits for the other, so one worker alone cannot meet itself.
    pool.run(2) { _, _ in
      arrived.wrappingAdd(1, ordering: .sequentiallyConsistent)
      while arrived.load(ordering: .sequentiallyConsistent) < 2, deadline > Date() {
        Thread.sleep(forTimeInterval: 0.001)
      }
    }
    #expect(arrived.load(ordering: .relaxed) == 2)
    #expect(deadline > Date())
  }

  /// A caller that is done long before its helper waits for it, however long that takes.
  @Test func slowPiecesAreWaitedFor() {
    let pool = WorkerPool(count: 2)
    for _ in 0..<20 {
      let tally = Tally(2)
      let begun = Atomic<Bool>(false)
      let deadline = Date(timeIntervalSinceNow: 20)
      pool.run(2) { piece, worker in
        if worker == 0 {
          while !begun.load(ordering: .acquiring), deadline > Date() { sched_yield() }
        } else {
          begun.store(true, ordering: .releasing)
          Thread.sleep(forTimeInterval: 0.01)
        }
        tally.note(piece, by: worker)
      }
      #expect(tally.all == [1, 1] && tally.everyone == [0, 1])
    }
  }

  @Test func aLoopWithinALoopRunsToItsEnd() {
    let pool = WorkerPool(count: 2)
    let tally = Tally(12)
    pool.run(4) { outer, worker in
      pool.run(3) { inner, _ in tally.note(outer * 3 + inner, by: worker) }
    }
    #expect(tally.all == [Int](repeating: 1, count: 12))
  }

  @Test func threadsThatShareAPoolDoNotMixTheirLoops() {
    let pool = WorkerPool(count: 2)
    let tallies = [Tally(300), Tally(300), Tally(300)]
    DispatchQueue.concurrentPerform(iterations: 3) { index in
      pool.run(300) { tallies[index].note($0, by: $1) }
    }
    for tally in tallies { #expect(tally.all == [Int](repeating: 1, count: 300)) }
  }

  @Test func threadsEndWithTheirPool() async throws {
    final class Witness: Sendable {}
    weak var witness: Witness?
    do {
      let pool = WorkerPool(count: 4)
      let held = Witness()
      witness = held
      pool.run(8) { _, _ in _ = held }
    }
    // The body is let go of when its loop ends, not when the next one begins.
    #expect(witness == nil)
    let before = threadCount()
    for _ in 0..<200 { WorkerPool(count: 3).run(3) { _, _ in } }
    let deadline = Date(timeIntervalSinceNow: 20)
    while threadCount() > before + 100, deadline > Date() {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(threadCount() <= before + 100)
  }

  /// Threads of this process.
  private func threadCount() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
  }
}
