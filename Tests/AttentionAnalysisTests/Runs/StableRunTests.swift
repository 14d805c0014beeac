import Results
import Testing

@testable import AttentionAnalysis

/// When a run counts as stable.
@Suite struct StableRunTests {
  private func check(_ answers: [Answer?], _ error: Double?) -> StableRun.Check {
    StableRun.Check(chunks: 8, answers: answers, error: error)
  }

  @Test func twoChecksHaveToAgreeAndBeSmallEnough() {
    func isStable(_ checks: StableRun.Check...) -> Bool {
      StableRun.isStable(checks, below: 0.05)
    }
    let good = check([.skip, .unsure, nil], 0.04)
    #expect(!isStable() && !isStable(good))
    #expect(isStable(good, good))
    #expect(!isStable(good, good, check([.skip, .compress, nil], 0.04)))
    #expect(isStable(check([.skip], 0.9), good, good))
    #expect(!isStable(good, check(good.answers, 0.05)))
    #expect(!isStable(check(good.answers, 0.05), good))
    #expect(!isStable(good, check(good.answers, nil)))
  }
}
