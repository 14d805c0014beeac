import ModelFiles
import TestSupport
import Testing

@testable import Results

/// Answers that outlive their run.
struct EvaluationJournalTests {
  private let temporary: TemporaryFolder
  private let first = EvaluationJournal.Answer(
    key: "1 {\"policy\":null}", response: "two\nlines \u{2028}\"", scores: [("accuracy", 1 / 3)])
  private let second = EvaluationJournal.Answer(key: "2", response: "", scores: [])

  init() throws { temporary = try TemporaryFolder() }

  private func open(_ run: String = "a", force: Bool = false) throws -> EvaluationJournal {
    try EvaluationJournal(
      folder: temporary.path + "/r", identity: ["run": .string(run)], force: force)
  }

  private func fill() throws {
    let journal = try open()
    try journal.append(first)
    try journal.append(second)
  }

  @Test func answersComeBack() throws {
    try fill()
    let bytes = try temporary.bytes("r/answers.jsonl")
    #expect(bytes.split(separator: 0x0A).count == 3)
    let journal = try open()
    #expect(journal.answers == [first.key: first, second.key: second])
    #expect(try temporary.bytes("r/answers.jsonl") == bytes)
  }

  @Test func whatWasCutShortIsAskedAgain() throws {
    try fill()
    let bytes = try temporary.bytes("r/answers.jsonl")
    // Whole but for its line feed: nobody knows that it is.
    for cut in [1, 5] {
      try temporary.write(bytes.dropLast(cut), to: "r/answers.jsonl")
      let journal = try open()
      #expect(journal.answers == [first.key: first])
      try journal.append(second)
      #expect(try temporary.bytes("r/answers.jsonl") == bytes)
    }
  }

  @Test func aBrokenLineIsNoAnswerAndHidesNone() throws {
    try fill()
    let lines = try temporary.text("r/answers.jsonl").split(separator: "\n")
    try temporary.write(
      "\(lines[0])\n{\"key\": 3\n[]\n{\"key\":\"k\",\"response\":1,\"scores\":{}}\n\(lines[2])\n",
      to: "r/answers.jsonl")
    #expect(try open().answers == [second.key: second])
  }

  @Test func answersOfAnotherRunAreNotTaken() throws {
    try fill()
    let bytes = try temporary.bytes("r/answers.jsonl")
    #expect(throws: ResultsFolderError.self) { try open("b") }
    #expect(try temporary.bytes("r/answers.jsonl") == bytes)
    #expect(try open("b", force: true).answers.isEmpty)
    // And they are gone.
    #expect(try temporary.text("r/answers.jsonl").split(separator: "\n").count == 1)
  }
}
