import ModelFiles
import TestSupport
import Testing

@testable import Compression

/// LongBench's files, templates and scores.
struct LongBenchTests {
  private static let line = """
    {"input": "Who?", "context": "A \\u00e9 story.", "answers": ["Ann", "Ann Lee"], "length": 3, \
    "dataset": "narrativeqa", "language": "en", "all_classes": null, "_id": "f00"}
    """

  private static func read(_ text: String, options: LongBench.Options = .init()) throws -> LongBench
  {
    let folder = try TemporaryFolder(["file.jsonl": Array(text.utf8)])
    do {
      return try LongBench(paths: ["\(folder.path)/file.jsonl"], options: options)
    } catch .record(let path, let line, let problem) {
      #expect(path == "\(folder.path)/file.jsonl")
      throw TaskError.record(path: "file", line: line, problem)
    }
  }

  private static func problem(_ text: String) -> TaskError? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return error as? TaskError
    }
  }

  @Test func templatesAreTheBenchmarks() throws {
    let hashes = try #require(try Fixture.json("tasks.json")["longbench"])
    #expect(hashes.count == LongBenchSubset.all.count)
    for subset in LongBenchSubset.all {
      let text = subset.template.filled(["context": "C", "input": "I"])
      #expect(TaskFixture.hash(text) == hashes[subset.name]?.string, "\(subset.name)")
    }
    #expect(LongBenchSubset.all.map(\.maxNewTokens) == [128, 128, 32, 32, 512])
  }

  @Test func linesBecomeItems() throws {
    let other = Self.line.replacing("narrativeqa", with: "qmsum")
    let task = try Self.read("\u{FEFF}\(Self.line)\r\n\n\(other)\n\(Self.line)")
    #expect(task.records[0].classes.isEmpty && task.records[0].length == 3)
    let items = try task.items(try TaskFixture.encoder())
    #expect(items.map(\.id) == ["narrativeqa.0", "qmsum.0", "narrativeqa.1"])
    #expect(items[0].answers == ["Ann", "Ann Lee"] && items[1].maxNewTokens == 512)
    #expect(items[0].prompt.contains("Story: A é story.\n\nNow,"))
    #expect(items[0].coordinates.contains(.init("record", "f00")))
    var first = task
    first.options.limit = 1
    #expect(try first.items(try TaskFixture.encoder()).map(\.id) == ["narrativeqa.0", "qmsum.0"])
  }

  @Test func brokenLinesAreNamed() throws {
    func fails(_ text: String, line: Int, _ problem: TaskError.RecordProblem) {
      #expect(Self.problem(text) == .record(path: "file", line: line, problem))
    }
    fails(
      Self.line + "\n\n{\"input\"}\n", line: 3,
      .json(JSONError(offset: 8, kind: .expectedColon)))
    fails("[]", line: 1, .notAnObject)
    for field in ["input", "context", "answers", "dataset"] {
      fails(Self.line.replacing("\"\(field)\"", with: "\"x\""), line: 1, .missing(field: field))
    }
    fails(
      Self.line.replacing("\"Who?\"", with: "3"), line: 1,
      .wrongType(field: "input", expected: "a string"))
    fails(
      Self.line.replacing("[\"Ann\", \"Ann Lee\"]", with: "[1]"), line: 1,
      .wrongType(field: "answers", expected: "an array of strings"))
    fails(Self.line.replacing("[\"Ann\", \"Ann Lee\"]", with: "[]"), line: 1, .noAnswers)
    fails(
      Self.line + "\n" + Self.line.replacing("narrativeqa", with: "lcc"), line: 2,
      .unknownSubset("lcc", known: LongBenchSubset.all.map(\.name)))
    guard case .emptyFile = Self.problem("\n \n") else {
      Issue.record("an empty file has no records")
      return
    }
    #expect(throws: TaskError.self) { try LongBench(paths: ["/nonexistent.jsonl"]) }
    let error = TaskError.record(path: "a.jsonl", line: 7, .noAnswers)
    #expect(error.description == "a.jsonl, line 7: 'answers' is empty")
  }

  @Test func ownTemplatesTakeAnyDataset() throws {
    let template = try PromptTemplate(
      "<{context}> {input}", required: ["context"], optional: ["input"])
    let task = try Self.read(
      Self.line.replacing("narrativeqa", with: "la/w"), options: .init(template: template))
    let item = try #require(try task.items(try TaskFixture.encoder()).first)
    #expect(item.prompt == "<A é story.> Who?" && item.id == "la_w.0" && item.maxNewTokens == 128)
    func error(_ text: String) -> TaskError? {
      do {
        _ = try PromptTemplate(text, required: ["context"], optional: ["input"])
        return nil
      } catch {
        return error
      }
    }
    #expect(error("{{}} {context}") == nil)
    #expect(error("{input}") == .template(.missingPlaceholder("context")))
    #expect(
      error("{context} {x}")
        == .template(.unknownPlaceholder("x", known: ["context", "input"])))
    #expect(error("{context} {") == .template(.loneBrace(character: 11)))
    #expect(error("}{context}") == .template(.loneBrace(character: 1)))
  }

  @Test func theBestAnswerCounts() throws {
    let other = Self.line.replacing("narrativeqa", with: "qmsum")
    let task = try Self.read("\(Self.line)\n\(other)")
    let items = try task.items(try TaskFixture.encoder())
    #expect(
      task.scores(of: TaskFixture.response("the ann lee."), to: items[0]) == [TaskScore("f1", 100)])
    #expect(task.scores(of: TaskFixture.response(""), to: items[1]) == [TaskScore("rouge_l", 0)])
    let score = try #require(task.scores(of: TaskFixture.response("Ann Lee"), to: items[1]).first)
    #expect(score.name == "rouge_l" && abs(score.value - 100) < 1e-5)
  }
}
