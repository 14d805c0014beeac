import TestSupport
import Testing

@testable import Tokenization

/// Bad tokenizers cost little to refuse, each with its exact words elsewhere; some are accepted but
/// declare far more than they hold.
@Suite struct HostileBudgetTests {
  private static let cases: [HostileBudget.Case] = {
    let tokenizers =
      TokenizerHostileTests.documents + TokenizerHostileTests.vocabularies
      + TokenizerHostileTests.pipelines + TokenizerHostileTests.otherFiles
    let bulky: [(name: String, text: [UInt8])] = [
      ("the highest id alone", Array(#"{"model":{"vocab":{"a":4194303},"merges":[]}}"#.utf8)),
      ("a million brackets", [UInt8](repeating: 0x5B, count: 1 << 20)),
      (
        "a million empty arrays",
        Array("[\((0..<(1 << 20)).map { _ in "[]" }.joined(separator: ","))]".utf8)
      ),
    ]
    return tokenizers.map { HostileBudget.Case($0.testDescription, $0.files) }
      + bulky.map { HostileBudget.Case($0.name, [("tokenizer.json", $0.text)], isBulky: true) }
  }()

  @Test func thereAreManyNamedFiles() {
    #expect(Self.cases.count >= 80, "\(Self.cases.count) bad files")
    #expect(Set(Self.cases.map(\.name)).count > Self.cases.count - 10)
  }

  @Test func noneTakesASecondOrMuchMemory() async {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      try HostileBudget.check(Self.cases) { _ = try? Tokenizer.load(directory: $0) }
    }
    let told = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(told == "")
  }
}
