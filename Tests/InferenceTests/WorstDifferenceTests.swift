import TestSupport
import Testing

/// What other tests compare by lets nothing wrong through.
struct WorstDifferenceTests {
  private func worst(_ found: [Double], _ expected: [Double]) -> Double {
    var difference = WorstDifference<Double>()
    difference.add(found, expected)
    return difference.worst
  }

  @Test func isTheLargest() {
    #expect(worst([1, 5, 2], [1, 2, 2.5]) == 3)
    var relative = WorstDifference<Double>()
    relative.add([11, 1], [10, 2]) { $0 }
    #expect(relative.worst == 0.5)
  }

  @Test func nothingWrongIsSmall() {
    #expect(worst([.nan, 1], [1, 1]) == .infinity)
    #expect(worst([1, .nan], [1, 1]) == .infinity)
    #expect(worst([1, 1], [.nan, 1]) == .infinity)
    #expect(worst([.infinity], [.infinity]) == .infinity)
    #expect(worst([1], [1, 1]) == .infinity)
    #expect(worst([], []) == .infinity)
  }
}
