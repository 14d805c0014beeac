import Testing

@testable import Results

@Suite struct QuerySelectionTests {
  @Test(arguments: [
    ("next", QuerySelection.next), ("greedy", .greedy), ("last:8", .last(8)),
    ("all", .all(stride: 1)), ("all:16", .all(stride: 16)),
  ])
  func readsWhatItSpells(text: String, selection: QuerySelection) {
    #expect(QuerySelection(text) == selection)
    #expect(selection.description == text)
  }

  @Test(arguments: [
    "", "Next", "last", "last:", "last:0", "last:-1", "last:+3", "last: 3", "last:1.5", "all:",
    "all:0", "all:99999999999999999999", "first", "next:1",
  ])
  func refusesAnythingElse(text: String) {
    #expect(QuerySelection(text) == nil)
  }

  @Test func aStrideOfOneIsAll() {
    #expect(QuerySelection("all:1") == .all(stride: 1))
    #expect(QuerySelection.all(stride: 1).description == "all")
  }

  @Test func choosesRows() {
    #expect(QuerySelection.next.rows(n: 7) == [7])
    #expect(QuerySelection.greedy.rows(n: 1) == [1])
    #expect(QuerySelection.last(3).rows(n: 7) == [5, 6, 7])
    #expect(QuerySelection.last(.max).rows(n: 3) == [1, 2, 3])
    #expect(QuerySelection.all(stride: 10).rows(n: 55) == [32, 42, 52])
    #expect(QuerySelection.all(stride: .max).rows(n: 100) == [32])
    #expect(QuerySelection.all(stride: 1).rows(n: 34) == [32, 33, 34])
    #expect(QuerySelection.all(stride: 1).rows(n: 31) == [])
  }

  @Test func alwaysRecordsTheLastRow() {
    #expect(QuerySelection.all(stride: 10).recordedRows(n: 55) == [32, 42, 52, 55])
    #expect(QuerySelection.all(stride: 10).recordedRows(n: 52) == [32, 42, 52])
    #expect(QuerySelection.next.recordedRows(n: 9) == [9])
  }
}
