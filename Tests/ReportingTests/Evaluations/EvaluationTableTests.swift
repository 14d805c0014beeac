import Results
import Testing

@testable import Reporting

@Suite struct EvaluationTableTests {
  private func lines(_ evaluation: Evaluation, width: Int = 80) -> [String] {
    EvaluationTable.render(
      evaluation, style: TerminalStyle(width: width, color: .none, unicode: true)
    ).split(separator: "\n").map(String.init)
  }

  @Test(arguments: Evaluation.Kind.allCases, [1, 5])
  func widthIsNeverExceeded(kind: Evaluation.Kind, count: Int) {
    var evaluation = SyntheticEvaluation.make(
      kind, settings: count, chunks: 2, positions: 8, places: count == 1 ? 20 : 5,
      name: String(repeating: "模型 name ", count: 30))
    for style in TerminalTests.styles {
      for isHostile in [false, true] {
        if isHostile { evaluation.settings[count - 1].policy = HostileText.markup + "\u{1b}[31m模型" }
        let text = EvaluationTable.render(evaluation, style: style)
        for line in text.split(separator: "\n") {
          #expect(TerminalText.columns(String(line)) <= max(style.width, 20), "\(style): \(line)")
        }
        #expect(style.color != .none || !text.contains("\u{1b}"))
        #expect(style.unicode || text.unicodeScalars.allSatisfy(\.isASCII))
      }
    }
  }

  @Test func scoresAndTheirErrors() throws {
    let table = lines(SyntheticEvaluation.make(.lm, settings: 4, chunks: 2, positions: 999))
    let head = try #require(table.first { $0.hasPrefix("setting") })
    #expect(
      head.split(separator: " ") == ["setting", "perplexity", "±se", "accuracy", "±se", "cache"])
    #expect(table.contains { $0.hasPrefix("no compression") && $0.contains("18.00  ±0.80") })
    #expect(table.contains { $0.hasPrefix("keep-low 0.98, cache 500 ") && $0.hasSuffix(" 500") })
    #expect(table.contains("all compressed settings: skips 0,1"))
    let first = try #require(table.firstIndex(of: head))
    #expect(Set(table[first..<first + 5].map(\.count)).count == 1)
  }

  @Test(arguments: [40, 80, 120]) func comparisonsStandBelowWhatTheyAreWith(width: Int) throws {
    var evaluation = SyntheticEvaluation.make(.lm, settings: 3, chunks: 7, positions: 60)
    evaluation.comparisons[0] = .init(
      setting: 1, against: 0, chunks: 7, mean: 0.125, error: 0.01, low: 0.105, high: 0.145,
      perplexityRatio: 1.13315)
    evaluation.comparisons[2] = .init(
      setting: 2, against: 1, chunks: 7, mean: nil, error: nil, low: nil, high: nil,
      perplexityRatio: nil)
    let table = lines(evaluation, width: width)
    let start = try #require(table.firstIndex { $0.hasPrefix("Difference of NLL") })
    let rows = Array(table[start...])
    #expect(rows.allSatisfy { $0.count <= width })
    #expect(rows.joined(separator: " ").contains("intervals over"))
    let against = rows.indices.filter { rows[$0].hasPrefix("against ") }
    #expect(against.count == 2 && rows[against[0]].hasPrefix("against no compression"))
    // Two settings against none, one against the first.
    #expect(against[1] - against[0] == 3)
    if width >= 80 {
      #expect(rows[against[0] + 1].hasSuffix("  0.125  0.105 to 0.145        1.1332"))
      #expect(rows[against[1] + 1].hasSuffix("–               –             –"))
    }
    evaluation.comparisons = []
    #expect(!lines(evaluation, width: width).contains { $0.hasPrefix("Difference") })
  }

  @Test func allNamedColumnsAreShown() {
    let evaluation = SyntheticEvaluation.make(.ruler, settings: 3)
    for width in [40, 60, 80, 200] {
      let heads = lines(evaluation, width: width).filter { $0.hasPrefix("setting") }
      let titles = heads.flatMap { $0.split(separator: " ").dropFirst() }.filter { $0 != "±se" }
      #expect(
        titles == [
          "mean", "niah_single_1", "niah_multikey_1", "niah_multivalue", "niah_multiquery", "vt",
          "cwe", "fwe",
        ], "\(width)")
      #expect((heads.count == 1) == (width == 200))
    }
  }

  @Test func lengthsAreThinnedAndThatIsSaid() throws {
    let evaluation = SyntheticEvaluation.make(.passkey, settings: 3, places: 40)
    let table = lines(evaluation)
    let head = try #require(table.first { $0.hasPrefix("setting") })
    let shown = head.split(separator: " ").dropFirst(3)
    #expect(shown.last == "4000" && shown.count > 4)
    #expect(table.last == "\(shown.count) of 40 lengths; the CSV file has all")
    let few = lines(SyntheticEvaluation.make(.passkey, settings: 3, places: 3))
    #expect(!few.contains { $0.contains("CSV") })
    #expect(few.contains { $0.hasPrefix("Accuracy by length") })
  }

  @Test func valuesStandInTheirColumns() throws {
    var evaluation = SyntheticEvaluation.make(.passkey, settings: 2, places: 2)
    for (index, mean) in [0.875, nil, 0.25, 0.5].enumerated() {
      evaluation.cells[index].scores[0].mean = mean
    }
    let table = lines(evaluation)
    let rows = table.drop { !$0.hasPrefix("setting") }.map { $0.split(separator: " ") }
    #expect(rows[0].suffix(2) == ["2000", "4000"])
    #expect(rows[1].suffix(3) == ["–", "0.875", "–"])
    #expect(rows[2].suffix(4) == ["0.375", "±0.021", "0.250", "0.500"])
  }
}
