import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Results

/// Folders of evaluations: written, read back, and kept from other runs.
struct EvaluationFolderTests {
  private let temporary: TemporaryFolder
  private let folder: EvaluationFolder

  init() throws {
    temporary = try TemporaryFolder()
    folder = EvaluationFolder(temporary.path + "/deep/run")
  }

  private func problem(_ body: () throws -> Void) -> ResultsFolderProblem? {
    do {
      try body()
      return nil
    } catch {
      return (error as? ResultsFolderError)?.problem
    }
  }

  @Test(arguments: [SyntheticEvaluation.text, SyntheticEvaluation.task])
  func readsBackWhatItWrote(evaluation: Evaluation) throws {
    try folder.prepare(for: evaluation, force: false)
    #expect(try temporary.contents() == [])
    try folder.write(evaluation, runInfo: ["seconds": 1], force: false)
    #expect(folder.kind == evaluation.kind)
    #expect(try folder.read() == evaluation)
    let name = evaluation.kind.rawValue
    var files =
      ["deep", "deep/run"] + ["\(name).csv", "\(name).json", "run.json"].map { "deep/run/" + $0 }
    if evaluation.kind == .lm {
      files.append("deep/run/tokens.npz")
      files.insert("deep/run/comparisons.csv", at: 2)
    }
    #expect(try temporary.contents() == files)
  }

  @Test func positionsThatStayGoAwayWhenTheyAreNotRecordedAgain() throws {
    let kept = NumberArray<Int32>(shape: [1, 1, 2], values: [0, 5])
    try folder.write(
      SyntheticEvaluation.text, kept: [("kept_1_0", kept)], runInfo: [:], force: false)
    let file = temporary.path + "/deep/run/kept.npz"
    #expect(try NPZReader(file).array("kept_1_0", of: Int32.self) == kept)
    try folder.write(SyntheticEvaluation.text, runInfo: [:], force: false)
    #expect(!(try temporary.contents().contains("deep/run/kept.npz")))
  }

  @Test func keepsADifferentRunUnlessForced() throws {
    let own = SyntheticEvaluation.text
    try folder.write(own, runInfo: [:], force: false)
    let before = try temporary.bytes("deep/run/lm.json")
    var cases: [(Evaluation, String)] = []
    func change(_ difference: String, _ body: (inout Evaluation) -> Void) {
      var other = own
      body(&other)
      cases.append((other, difference))
    }
    change("model M, not N") { $0.model.name = "N" }
    change("another model of the same name") { $0.model.fingerprint = "x" }
    change("corpus c, not d") { $0.corpus?.name = "d" }
    change("chunks 2, not 3") { $0.corpus?.chunks = 3 }
    change("chunk length 3, not 4") { $0.corpus?.chunkLength = 4 }
    change("other tokens of a corpus of the same name") { $0.corpus?.fingerprint = "x" }
    change("isa scalar, not avx2") { $0.protocolFacts[1].value = "avx2" }
    change("other facts of the protocol") {
      $0.protocolFacts.append(.init(name: "new", value: "1"))
    }
    change("settings 2, not 1") { $0.settings.removeLast() }
    change(
      "\(own.settings[1].label), not keep-low 0.2, cache 1000, skips 0,12, positions cache-length"
    ) { $0.settings[1].keepRatio = 0.2 }
    for (other, difference) in cases {
      #expect(
        problem { try folder.prepare(for: other, force: false) }
          == .differentRun(difference: difference))
    }
    #expect(try temporary.bytes("deep/run/lm.json") == before)
    try folder.prepare(for: cases[0].0, force: true)
    // Cells and tokens decide nothing.
    var again = own
    again.cells[0].scores[0].mean = 5
    try folder.write(again, runInfo: [:], force: false)
    #expect(try folder.read() == again)
  }

  @Test func otherFilesAreLeftAlone() throws {
    let evaluation = SyntheticEvaluation.task
    try temporary.write("x", to: "deep/run/notes.txt")
    #expect(
      problem { try folder.prepare(for: evaluation, force: false) }
        == .foreignContents(file: "notes.txt"))
    try folder.prepare(for: evaluation, force: true)
    try temporary.write("{", to: "deep/run/longbench.json")
    #expect(
      problem { try folder.prepare(for: evaluation, force: false) }
        == .unknownContents(file: "longbench.json"))
  }

  /// The file that names a run comes last: without it there may be the others.
  @Test func answersMakeWhatStandsBesideThemTheirOwn() throws {
    let evaluation = SyntheticEvaluation.task
    for name in ["longbench.csv", "run.json", "report.html", "figures/a.svg"] {
      try temporary.write("x", to: "deep/run/\(name)")
    }
    #expect(problem { try folder.prepare(for: evaluation, force: false) } != nil)
    try temporary.write("x", to: "deep/run/answers.jsonl")
    try folder.prepare(for: evaluation, force: false)
    try temporary.write("x", to: "deep/run/thesis.html")
    #expect(
      problem { try folder.prepare(for: evaluation, force: false) }
        == .foreignContents(file: "thesis.html"))
  }

  @Test(arguments: [
    ("alr-evaluation/1", "alr-evaluation/2", "schema is \"alr-evaluation/2\", not"),
    ("\"schema\"", "\"scheme\"", "'schema' is missing"),
    ("\"kind\": \"lm\"", "\"kind\": \"no\"", "'kind' is not one of lm, passkey"),
    ("\"kv_heads\"", "\"kw_heads\"", "'model.kv_heads' is missing"),
    ("\"f32\"", "32", "'protocol.precision' is not a string"),
    ("\"prune_after\": 0", "\"prune_after\": -1", "'settings[0].prune_after' is not"),
    ("\"setting\": 1", "\"setting\": 2", "'cells[1].setting' is not a whole number in its range"),
    ("\"setting\": 1", "\"setting\": 1e30", "'cells[1].setting' is not"),
    ("\"mean\": 1.3333333333333333", "\"mean\": \"1\"", "'cells[1].scores.perplexity.mean' is not"),
    ("\"count\": 2", "\"number\": 2", "'cells[0].count' is missing"),
    ("\"against\": 0", "\"against\": 2", "'comparisons[0].against' is not a whole number"),
    ("\"against\": 0", "\"against\": 1", "'comparisons[0].against' should be another setting"),
    ("\"high\": 1.0", "\"high\": 0.1", "'comparisons[0]' should be a mean within its interval"),
    ("\"low\": -0.5", "\"low\": null", "'comparisons[0]' should be an interval with both ends"),
    ("\"se\": 0.125", "\"se\": -0.125", "'comparisons[0].se' should be 0 or more"),
    ("\"perplexity_ratio\": 1.25", "\"perplexity_ratio\": []", "'comparisons[0].perplexity_ratio'"),
    ("\"comparisons\": [", "\"comparisons\": 7, \"x\": [", "'comparisons' is not an array"),
  ])
  func damagedFilesSayWhereTheyAreBroken(old: String, new: String, message: String) throws {
    try folder.write(SyntheticEvaluation.text, runInfo: [:], force: false)
    let text = try temporary.text("deep/run/lm.json")
    let range = try #require(text.range(of: old))
    try temporary.write(text.replacingCharacters(in: range, with: new), to: "deep/run/lm.json")
    let error = #expect(throws: ResultsFolderError.self) { try folder.read() }
    let words = error?.description ?? ""
    #expect(words.hasPrefix("\(folder.path)/lm.json: ") && words.contains(message), "\(words)")
  }

  /// A cell of no setting would have no row to stand in.
  @Test func aResultWithoutSettingsIsNone() throws {
    var evaluation = SyntheticEvaluation.text
    evaluation.settings = []
    evaluation.cells = [evaluation.cells[0]]
    let document = try JSONDocument(
      parsing: JSONWriter.bytes(of: EvaluationFormat.json(evaluation)))
    #expect(
      problem {
        do throws(ResultsFolderProblem) {
          _ = try EvaluationFormat.read(document)
        } catch { throw ResultsFolderError(path: "", problem: error) }
      } == .inconsistent(field: "settings", expected: "one setting or more"))
  }

  @Test func tokensHaveTheShapeThatTheResultSays() throws {
    try folder.write(SyntheticEvaluation.text, runInfo: [:], force: false)
    let narrow = NumberArray(shape: [2, 2, 2], values: [Double](repeating: 0, count: 8))
    let name = "deep/run/tokens.npz"
    try temporary.write(try NPZWriter.archive([("nll", narrow), ("correct", narrow)]), to: name)
    #expect(
      problem { _ = try folder.read() }
        == .wrongShape(array: "nll", found: [2, 2, 2], expected: [2, 2, 3]))
    try temporary.write([1, 2, 3], to: name)
    let error = #expect(throws: ResultsFolderError.self) { try folder.read() }
    #expect(error?.path == "\(folder.path)/tokens.npz")
  }

  @Test func cellsOfTheTableAreQuoted() {
    var evaluation = SyntheticEvaluation.task
    let names = ["plain", "a,b", "say \"x\"", "two\nlines", "cr\rlf\r\n", "\"\u{301}"]
    evaluation.settings = [.uncompressed]
    evaluation.cells = names.map {
      .init(
        setting: 0, coordinates: [.init(name: "subset", value: .name($0))], count: 1,
        scores: [.init(name: "score", mean: 0.5, deviation: nil, error: nil)])
    }
    let expected = [
      "plain", "\"a,b\"", "\"say \"\"x\"\"\"", "\"two\nlines\"", "\"cr\rlf\r\n\"",
      "\"\"\"\u{301}\"",
    ]
    #expect(
      evaluation.csv.unicodeScalars.elementsEqual(
        ("setting,policy,keep_ratio,max_cache,prune_after,skip_layers,positions,seed,plan,subset,"
          + "count,score,score_sd,score_se\r\n"
          + expected.map { "0,,,,0,,true,0,,\($0),1,0.5,,\r\n" }.joined()).unicodeScalars))
    #expect(
      SyntheticEvaluation.task.csv.hasSuffix(
        "\r\n1,keep-low,0.1,1000,1000,0 12,cache-length,7,,1000,qasper,4,0.25,0.5,0.125,,,\r\n"))
  }
}
