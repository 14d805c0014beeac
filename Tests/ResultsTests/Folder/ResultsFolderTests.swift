import AttentionAnalysis
import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Results

@Suite struct ResultsFolderTests {
  let temporary: TemporaryFolder
  let folder: ResultsFolder
  let run = SyntheticRun.small
  let result: AnalysisResult

  init() throws {
    temporary = try TemporaryFolder()
    folder = ResultsFolder(temporary.path + "/deep/run")
    result = try run.result(run.accumulate(0..<3))
  }

  private func problem(_ body: () throws -> Void) -> ResultsFolderProblem? {
    do {
      try body()
      return nil
    } catch {
      return (error as? ResultsFolderError)?.problem
    }
  }

  @Test func readsBackWhatItWrote() throws {
    try folder.prepare(for: .init(result), force: false)
    #expect(try temporary.contents() == [])
    try folder.write(
      result, runInfo: ["seconds": 1.5],
      attachments: [.init(name: "figures/alr.svg", bytes: [1, 2])], force: false)
    let found = try folder.read()
    #expect(isIdentical(found, result))
    #expect(
      try temporary.contents() == [
        "deep", "deep/run", "deep/run/arrays.npz", "deep/run/figures",
        "deep/run/figures/alr.svg", "deep/run/heads.csv", "deep/run/kv_heads.csv",
        "deep/run/layers.csv", "deep/run/result.json", "deep/run/run.json",
      ])
    #expect(try temporary.text("deep/run/run.json") == "{\n  \"seconds\": 1.5\n}\n")
  }

  @Test func equalRunsAreEqualBytes() throws {
    let other = ResultsFolder(temporary.path + "/other")
    try folder.write(result, runInfo: ["seconds": 1], force: false)
    try other.write(
      run.result(run.accumulate([2, 0, 1])), runInfo: ["seconds": 2], force: false)
    for name in ["result.json", "arrays.npz", "heads.csv", "kv_heads.csv", "layers.csv"] {
      #expect(try temporary.bytes("deep/run/\(name)") == temporary.bytes("other/\(name)"))
    }
  }

  @Test func keysStandInTheOrderOfTheContract() throws {
    let root = try JSONDocument(parsing: JSONWriter.bytes(of: ResultFormat.json(result))).root
    func keys(_ node: JSONNode?) -> String {
      node.map { $0.members.map(\.key).joined(separator: " ") } ?? ""
    }
    #expect(
      keys(root) == "schema tool model corpus protocol heads kv_heads layers recommendation")
    #expect(
      keys(root["model"])
        == "name architecture layers heads kv_heads head_dim parameters fingerprint")
    #expect(keys(root["corpus"]) == "name tokens chunks chunk_length bos fingerprint")
    #expect(keys(root["protocol"]) == "query score precision isa rope")
    let measures = "alr alr_sd alr_se alr_normalized random_alr alr_ratio alr_ratio_se spearman"
    #expect(keys(root["heads"]?.elements.first) == "layer head kv_head " + measures)
    #expect(keys(root["kv_heads"]?.elements.first) == "layer kv_head " + measures)
    #expect(
      keys(root["layers"]?.elements.first)
        == "layer n window kv_source alr alr_se alr_normalized alr_ratio alr_ratio_se")
    #expect(keys(root["recommendation"]) == "layers reasons")
    #expect(
      keys(root["recommendation"]?["layers"]?.elements.first)
        == "layer answer kv_alr_ratio kv_alr_ratio_low kv_alr_ratio_high stands_out chunks_needed "
        + "heads_answer")
    #expect(root["schema"]?.string == "alr-result/1")
  }

  @Test func whatIsUndefinedIsNullOrEmpty() throws {
    let single = SyntheticRun(
      shape: RunShape(layers: [.init()], heads: 1, kvHeads: 1, chunkLength: 1))
    let result = try single.result(single.accumulate([0]))
    try folder.write(result, runInfo: [:], force: false)
    let json = try temporary.text("deep/run/result.json")
    #expect(json.contains("\"alr_ratio\": null"))
    let heads = try temporary.text("deep/run/heads.csv")
    #expect(
      heads == "layer,head,kv_head,alr,alr_sd,alr_se,alr_normalized,random_alr,alr_ratio,"
        + "alr_ratio_se,spearman\r\n0,0,0,0.0,,,0.0,0.0,,,\r\n")
    let layers = try temporary.text("deep/run/layers.csv")
    #expect(
      layers == "layer,n,window,kv_source,alr,alr_se,alr_normalized,alr_ratio,alr_ratio_se,"
        + "kv_alr_ratio,kv_alr_ratio_low,kv_alr_ratio_high,stands_out,answer,chunks_needed,"
        + "heads_answer\r\n0,1,,,0.0,,0.0,,,,,,,,,\r\n")
    #expect(try isIdentical(folder.read(), result))
  }

  @Test func tablesHoldTheNumbersToTheLastBit() throws {
    let rows = ResultTables.heads(result).split(separator: "\r\n").dropFirst()
    #expect(rows.count == result.heads.count)
    for (row, head) in zip(rows, result.heads) {
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      #expect(Double(cells[3]) == head.measures.alr)
      #expect(Double(cells[10]) == head.measures.spearman)
    }
    let layers = ResultTables.layers(result).split(separator: "\r\n")
    #expect(layers[2].hasPrefix("1,8,9,,"))
    #expect(layers[3].hasPrefix("2,40,,0,"))
    #expect(ResultTables.kvHeads(result).hasPrefix("layer,kv_head,alr,"))
  }

  @Test func keepsADifferentRunUnlessForced() throws {
    try folder.write(
      result, runInfo: [:], attachments: [.init(name: "report.html", bytes: [65])], force: false)
    // The same run may be written again, and keeps its report.
    try folder.write(result, runInfo: ["again": true], force: false)
    #expect(try temporary.text("deep/run/report.html") == "A")
    let before = try temporary.bytes("deep/run/result.json")
    for (change, difference) in [
      (\AnalysisResult.model.name, "model \(result.model.name), not different"),
      (\.model.fingerprint, "another model of the same name"),
      (\.corpus.name, "corpus \(result.corpus.name), not different"),
      (\.corpus.fingerprint, "other tokens of a corpus of the same name"),
      (\.protocolSummary.query, "query \(result.protocolSummary.query), not different"),
      (\.protocolSummary.isa, "instruction set \(result.protocolSummary.isa), not different"),
    ] {
      var other = result
      other[keyPath: change] = "different"
      #expect(
        problem { try folder.prepare(for: .init(other), force: false) }
          == .differentRun(difference: difference))
      #expect(
        problem { try folder.write(other, runInfo: [:], force: false) }
          == .differentRun(difference: difference))
    }
    var more = result
    more.corpus.chunks += 1
    #expect(
      problem { try folder.prepare(for: .init(more), force: false) }
        == .differentRun(
          difference: "chunks \(result.corpus.chunks), not \(more.corpus.chunks)"))
    #expect(try temporary.bytes("deep/run/result.json") == before)
    var other = result
    other.protocolSummary.isa = "avx2"
    try folder.prepare(for: .init(other), force: true)
    #expect(try temporary.bytes("deep/run/result.json") == before)
    try folder.write(other, runInfo: [:], force: true)
    #expect(try isIdentical(folder.read(), other))
    // The other run's report does not stand beside this one's numbers.
    #expect(try !temporary.contents().contains("deep/run/report.html"))
  }

  /// Forced or not, a run that cannot be written leaves the one that is there.
  @Test func aForcedRunThatFailsLeavesTheOldOne() throws {
    let old = [ResultsFolder.Attachment(name: "figures/alr.svg", bytes: [7])]
    try folder.write(result, runInfo: [:], attachments: old, force: false)
    let before = try temporary.contents()
    var other = result
    other.protocolSummary.isa = "avx2"
    // Fails while staged: a file and a folder of one name. Fails while moved: a folder in the way.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/notes/mine", withIntermediateDirectories: true)
    for names in [["figures", "figures/alr.svg"], ["figures/new.svg", "notes"]] {
      let attachments = names.map { ResultsFolder.Attachment(name: $0, bytes: [1]) }
      let found = problem {
        try folder.write(other, runInfo: [:], attachments: attachments, force: true)
      }
      #expect(found?.isOutput == true)
      #expect(try isIdentical(folder.read(), result))
      #expect(try temporary.bytes("deep/run/figures/alr.svg") == [7])
      let after = try temporary.contents().filter { !$0.contains("notes") }
      #expect(Set(after) == Set(before))
    }
  }

  /// What an earlier writing of the same run brought and this one does not; the rest stays, and
  /// everything where writing fails.
  @Test func takesAwayWhatIsStale() throws {
    let old = ["capture.npz", "figures/map.svg", "figures/alr.pdf"].map {
      ResultsFolder.Attachment(name: $0, bytes: [7])
    }
    try folder.write(result, runInfo: [:], attachments: old, force: false)
    let before = try temporary.contents()
    let stale = ["figures/map.svg", "figures/map.pdf"]
    try FileManager.default.createDirectory(
      atPath: folder.path + "/notes/mine", withIntermediateDirectories: true)
    let found = problem {
      try folder.write(
        result, runInfo: [:], attachments: [.init(name: "notes", bytes: [1])], replacing: stale,
        force: false)
    }
    #expect(found?.isOutput == true)
    #expect(try temporary.contents().filter { !$0.contains("notes") } == before)
    #expect(try temporary.bytes("deep/run/figures/map.svg") == [7])
    try folder.write(result, runInfo: [:], replacing: stale, force: false)
    let gone = Set(before).subtracting(try temporary.contents())
    #expect(gone == ["deep/run/capture.npz", "deep/run/figures/map.svg"])
    // What comes anew is there, whatever was there before.
    try folder.write(result, runInfo: [:], attachments: old, force: false)
    let new = old.map { ResultsFolder.Attachment(name: $0.name, bytes: [8]) }
    try folder.write(result, runInfo: [:], attachments: new, replacing: stale, force: false)
    for file in new { #expect(try temporary.bytes("deep/run/\(file.name)") == [8]) }
    #expect(try temporary.contents().filter { !$0.contains("notes") } == before)
  }

  @Test func keepsFilesItCannotTell() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path, withIntermediateDirectories: true)
    try temporary.write("".utf8, to: "deep/run/.hidden")
    try folder.prepare(for: .init(result), force: false)
    try temporary.write("mine".utf8, to: "deep/run/notes.txt")
    #expect(
      problem { try folder.prepare(for: .init(result), force: false) }
        == .foreignContents(file: "notes.txt"))
    try temporary.write("mine".utf8, to: "deep/run/heads.csv")
    #expect(
      problem { try folder.prepare(for: .init(result), force: false) }
        == .unknownContents(file: "heads.csv"))
    try temporary.write("{}".utf8, to: "deep/run/result.json")
    #expect(
      problem { try folder.write(result, runInfo: [:], force: false) }
        == .unknownContents(file: "result.json"))
    try folder.write(result, runInfo: [:], force: true)
    #expect(try isIdentical(folder.read(), result))
    #expect(try temporary.text("deep/run/notes.txt") == "mine")
  }

  /// Only where results are there is what has our names known to be theirs.
  @Test func forceTakesNoFilesAwayThatAreNoResults() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/figures", withIntermediateDirectories: true)
    try temporary.write("mine".utf8, to: "deep/run/figures/mine.svg")
    #expect(
      problem { try folder.write(result, runInfo: [:], force: false) }
        == .unknownContents(file: "figures"))
    try folder.write(result, runInfo: [:], force: true)
    #expect(try temporary.text("deep/run/figures/mine.svg") == "mine")
    #expect(try isIdentical(folder.read(), result))
  }

  @Test func aFileInTheWayIsOneClearError() throws {
    try temporary.write("a file".utf8, to: "deep")
    let found = problem { try folder.prepare(for: .init(result), force: true) }
    #expect(found?.isOutput == true)
    #expect(found == .cannotWrite(reason: "\(temporary.path)/deep is not a folder"))
    try temporary.write("a file".utf8, to: "file")
    #expect(
      problem {
        try ResultsFolder(temporary.path + "/file").write(result, runInfo: [:], force: true)
      }?.isOutput == true)
  }

  @Test func aFailureWhileWritingLeavesNothing() throws {
    // The second attachment needs a folder where the first is a file.
    let attachments: [ResultsFolder.Attachment] = [
      .init(name: "figures", bytes: [1]), .init(name: "figures/alr.svg", bytes: [1]),
    ]
    let found = problem {
      try folder.write(result, runInfo: [:], attachments: attachments, force: false)
    }
    #expect(found?.isOutput == true)
    #expect(try temporary.contents().filter { $0 != "deep" } == [])
  }
}

@Suite struct ResultsFolderHostileTests {
  let temporary: TemporaryFolder
  let folder: ResultsFolder
  let json: String
  let archive: [UInt8]

  init() throws {
    temporary = try TemporaryFolder()
    folder = ResultsFolder(temporary.path + "/run")
    let run = SyntheticRun(
      shape: RunShape(
        layers: [.init(), .init(window: 3)], heads: 2, kvHeads: 1, chunkLength: 4))
    try folder.write(run.result(run.accumulate(0..<2)), runInfo: [:], force: false)
    json = try temporary.text("run/result.json")
    archive = try temporary.bytes("run/arrays.npz")
  }

  private func problem() -> ResultsFolderProblem? {
    do throws(ResultsFolderError) {
      _ = try folder.read()
      return nil
    } catch {
      return error.problem
    }
  }

  private func problem(replacing text: String, with other: String) throws -> ResultsFolderProblem? {
    let range = try #require(json.range(of: text))
    try temporary.write(
      json.replacingCharacters(in: range, with: other).utf8, to: "run/result.json")
    return problem()
  }

  @Test func refusesFieldsThatBreakARule() throws {
    typealias Case = (String, String, ResultsFolderProblem)
    let cases: [Case] = [
      ("alr-result/1", "alr-result/2", .wrongSchema("\"alr-result/2\"", expected: "alr-result/1")),
      ("\"schema\"", "\"scheme\"", .missingField("schema")),
      ("\"fingerprint\"", "\"finger\"", .missingField("model.fingerprint")),
      (
        "\"layers\": 2", "\"layers\": 2.0",
        .wrongType(field: "model.layers", expected: "a whole number in its range")
      ),
      (
        "\"layers\": 2", "\"layers\": 9223372036854775807",
        .inconsistent(
          field: "layers", expected: "9223372036854775807 x 1 rows, not 2")
      ),
      (
        "\"heads\": 2", "\"heads\": -2",
        .wrongType(field: "model.heads", expected: "a whole number in its range")
      ),
      (
        "\"heads\": 2", "\"heads\": 4611686018427387904",
        .inconsistent(field: "heads", expected: "2 x 4611686018427387904 rows, not 4")
      ),
      (
        "\"kv_heads\": 1", "\"kv_heads\": 3",
        .inconsistent(field: "model.kv_heads", expected: "a divisor of model.heads")
      ),
      (
        "\"kv_heads\": 1", "\"kv_heads\": 0",
        .wrongType(field: "model.kv_heads", expected: "a whole number in its range")
      ),
      (
        "\"chunks\": 2", "\"chunks\": 9223372036854775807",
        .wrongShape(array: "alr", found: [2, 2, 2], expected: [.max, 2, 2])
      ),
      (
        "\"chunk_length\": 4", "\"chunk_length\": 5",
        .inconsistent(field: "layers[0].n", expected: "5")
      ),
      (
        "\"bos\": false", "\"bos\": 0",
        .wrongType(field: "corpus.bos", expected: "true or false")
      ),
      (
        "\"query\": \"next\"", "\"query\": \"last\"",
        .inconsistent(field: "protocol.query", expected: QuerySelection.spellings)
      ),
      ("\"head\": 1", "\"head\": 0", .inconsistent(field: "heads[1].head", expected: "1")),
      (
        "\"alr\": ", "\"alr\": 1e999, \"x\": ",
        .wrongType(field: "heads[0].alr", expected: "a finite number or null")
      ),
      (
        "\"alr\": ", "\"alr\": \"1\", \"x\": ",
        .wrongType(field: "heads[0].alr", expected: "a finite number or null")
      ),
      ("\"window\": 3", "\"window\": 4", .inconsistent(field: "layers[1].n", expected: "3")),
      (
        "\"kv_source\": null", "\"kv_source\": 2",
        .wrongType(field: "layers[0].kv_source", expected: "a whole number in its range")
      ),
      (
        "\"reasons\": [", "\"reasons\": [7, ",
        .wrongType(field: "recommendation.reasons[0]", expected: "a string")
      ),
    ]
    for (text, other, expected) in cases {
      let found = try problem(replacing: text, with: other)
      #expect(found == expected, "\(text) -> \(other)")
    }
  }

  @Test func refusesAdviceThatBreaksARule() throws {
    typealias Case = (String, String, ResultsFolderProblem)
    let row = "recommendation.layers[0]"
    let words = "skip, compress, unsure or null"
    let cases: [Case] = [
      // Before there were three answers: a list of the layers to skip.
      ("[0, 1]", "", .wrongType(field: row, expected: "an object with an answer")),
      ("[]", "", .inconsistent(field: "recommendation.layers", expected: "2 x 1 rows, not 0")),
      ("{}", "", .wrongType(field: "recommendation.layers", expected: "an array")),
      ("layer", "1", .inconsistent(field: "\(row).layer", expected: "0")),
      ("answer", "\"maybe\"", .wrongType(field: "\(row).answer", expected: words)),
      ("answer", "true", .wrongType(field: "\(row).answer", expected: words)),
      ("heads_answer", "7", .wrongType(field: "\(row).heads_answer", expected: words)),
      (
        "answer", "null",
        .inconsistent(
          field: "\(row).answer", expected: "null where kv_alr_ratio is, and only there")
      ),
      (
        "kv_alr_ratio", "1e999",
        .wrongType(field: "\(row).kv_alr_ratio", expected: "a finite number or null")
      ),
      (
        "kv_alr_ratio_low", "2.5",
        .inconsistent(field: "\(row).kv_alr_ratio_low", expected: "at most kv_alr_ratio_high")
      ),
      (
        "kv_alr_ratio_high", "null",
        .inconsistent(field: "\(row).kv_alr_ratio_low", expected: "at most kv_alr_ratio_high")
      ),
      (
        "stands_out", "1.5",
        .inconsistent(field: "\(row).stands_out", expected: "a share from 0 to 1")
      ),
      (
        "chunks_needed", "1",
        .wrongType(field: "\(row).chunks_needed", expected: "a whole number in its range")
      ),
    ]
    let start = try #require(json.range(of: "\"recommendation\": {"))
    let end = try #require(json.range(of: "\"reasons\"", range: start.upperBound..<json.endIndex))
    let part = String(json[start.upperBound..<end.lowerBound])
    for (key, value, expected) in cases {
      var changed = "\n    \"layers\": \(key),\n    "
      if !value.isEmpty {
        let field = try #require(
          part.range(of: "\"\(key)\": [^,}\\n]*", options: .regularExpression))
        changed = part.replacingCharacters(in: field, with: "\"\(key)\": \(value)")
      }
      try temporary.write(
        json.replacingCharacters(in: start.upperBound..<end.lowerBound, with: changed).utf8,
        to: "run/result.json")
      let found = problem()
      #expect(found == expected, "\(key) \(value)")
    }
  }

  @Test func refusesFilesThatAreMissingOrOfAnotherKind() throws {
    try FileManager.default.removeItem(atPath: folder.path + "/arrays.npz")
    #expect(problem()?.isMissingInput == true)
    try temporary.write("PK".utf8, to: "run/arrays.npz")
    #expect(problem() == .array(.notAnArchive))
    try temporary.write("[]".utf8, to: "run/result.json")
    #expect(problem() == .wrongType(field: "result", expected: "an object"))
    try temporary.write(json.utf8.dropLast(9), to: "run/result.json")
    if case .json = problem() {} else { Issue.record("truncated JSON was read") }
    try FileManager.default.removeItem(atPath: folder.path + "/result.json")
    #expect(problem() == .file(.missing))
    try FileManager.default.createDirectory(
      atPath: folder.path + "/result.json", withIntermediateDirectories: false)
    #expect(problem() == .file(.notARegularFile))
  }

  @Test func refusesArraysThatContradictTheResult() throws {
    let arrays = try folder.read().arrays
    func write(_ change: (inout ResultArrays) -> Void) throws {
      var changed = arrays
      change(&changed)
      try temporary.write(ResultArchive.bytes(changed), to: "run/arrays.npz")
    }
    try write { $0[.kvALR].shape = [1, 2, 2] }
    #expect(
      problem() == .wrongShape(array: "kv_alr", found: [1, 2, 2], expected: [2, 2, 1]))
    try write { $0[.foldChunks].values[3] = 1 }
    #expect(
      problem()
        == .inconsistent(field: "fold_chunks", expected: "counts that add up to 2"))
    try write { $0[.foldChunks].values = [1.5, 0.5, 0, 0, 0, 0, 0, 0] }
    #expect(problem() != nil)
    try write { $0[.foldChunks].values[0] = .nan }
    #expect(problem() != nil)
    try write { $0[.chunkIndex].values = [1, 1] }
    #expect(
      problem() == .inconsistent(field: "chunk_index", expected: "ascending indices"))
    try write { $0[.kvSpearman].shape = [1, 2, 2] }
    #expect(problem() != nil)
    try temporary.write(NPZWriter.archive([("alr", arrays[.alr])]), to: "run/arrays.npz")
    #expect(problem() == .array(.noSuchArray("random_alr")))
  }

  /// What came to be kept later is not asked of earlier results.
  @Test func readsResultsFromBeforeTheirLatestArrays() throws {
    let arrays = try folder.read().arrays
    let later: [ResultArray] = [.alrNormalized, .kvALRNormalized, .kvSpearman, .chunkIndex]
    #expect(later.allSatisfy(arrays.has) && !arrays.has(.kvOutputError))
    let earlier = ResultArray.allCases.filter { !later.contains($0) && arrays.has($0) }
    try temporary.write(
      NPZWriter.archive(earlier.map { ($0.rawValue, arrays[$0] as any StoredArray) }),
      to: "run/arrays.npz")
    let read = try folder.read().arrays
    #expect(ResultArray.allCases.filter(read.has) == earlier)
    #expect(read[.alr] == arrays[.alr] && read[.kvSpearman].values.isEmpty)
  }

  @Test func survivesDamagedFiles() throws {
    var generator = SplitMix64(seed: 9)
    for round in 0..<300 {
      var bytes = round % 2 == 0 ? Array(json.utf8) : archive
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: place)
        }
      }
      try temporary.write(round % 2 == 0 ? bytes : Array(json.utf8), to: "run/result.json")
      try temporary.write(round % 2 == 0 ? archive : bytes, to: "run/arrays.npz")
      // Either read or refused: what matters is that it comes back.
      _ = problem()
    }
  }
}
