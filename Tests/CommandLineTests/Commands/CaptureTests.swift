import AttentionAnalysis
import Foundation
import Results
import Testing

/// `capture` and the figures of a capture as users run them.
@Suite struct CaptureTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: String...) throws -> Executable.Outcome {
    try Executable.run(arguments, in: workplace.path)
  }

  @Test(arguments: CaptureFormat.allCases) func capturesAndDraws(_ format: CaptureFormat) throws {
    let file = "c.\(format.rawValue)"
    let text = ["--text", "The old town.", "--out", file]
    let arguments = ["capture", Executable.sample] + text + ["--layers", "1,3-4", "--what", "all"]
    let outcome = try Executable.run(arguments, in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("3 layers, 4 heads: "))
    #expect(outcome.output.contains("What the first token, <|begin|>, does:\n"))
    let capture = try PromptCapture.read("\(workplace.path)/\(file)")
    #expect(capture.layers.map(\.layer) == [1, 3, 4] && capture.hasAddedBOS)
    #expect(capture.tokens.dropFirst().flatMap(\.bytes) == Array("The old town.".utf8))
    // Nothing is overwritten unasked.
    #expect(try Executable.run(arguments, in: workplace.path).exitCode == 73)
    let figures = try run("figure", file, "--out", "f")
    #expect(
      figures.output == "f/attention-map.svg\nf/key-vector.svg\nf/peak-dimensions.svg\n",
      "\(figures.errors)")
    #expect(try run("figure", file, "--figure", "key-vector", "--heads", "2.0").exitCode == 64)
    let other = try run("figure", file, "--figure", "alr")
    #expect(other.exitCode == 66)
    #expect(
      other.errors
        == "alr-analyze: \(file): holds a capture but no results, which alr shows; "
        + "analyze makes them\n")
  }

  @Test func refusesWhatIsTooMuch() throws {
    let large = try run("capture", Executable.sample, "--text", "a b c", "--max-size", "1K")
    #expect(
      large.exitCode == 64 && large.errors.contains("KiB, more than 1.0 KiB: raise --max-size"))
    let beside = try run(
      Executable.sample, Executable.corpus, "--capture", "a b c", "--max-size", "1K")
    #expect(beside.exitCode == 64 && beside.errors == large.errors, "\(beside.errors)")
    #expect(try workplace.entries() == [])
    let none = try run("capture", Executable.sample)
    #expect(none.exitCode == 64)
    #expect(none.errors == "alr-analyze: capture needs --text or --file\n")
    let two = try run("capture", Executable.sample, "--text", "a", "--file", Executable.corpus)
    #expect(
      two.exitCode == 64 && two.errors == "alr-analyze: --text and --file exclude each other\n")
    #expect(try run("capture", Executable.sample, "--text", "a", "--layers", "8").exitCode == 64)
    #expect(try run("capture", Executable.sample, "--text", "a", "--what", "kyes").exitCode == 64)
    #expect(try run("capture", Executable.sample, "--file", "nowhere").exitCode == 66)
    _ = try workplace.write("empty.txt", "")
    let empty = try run("capture", Executable.sample, "--file", "empty.txt", "--bos", "never")
    #expect(empty.exitCode == 65)
    #expect(empty.errors == "alr-analyze: the prompt holds no text\n")
  }

  /// Means over what was kept are no means over all scores, and the table says so.
  @Test(arguments: [nil, "0.25"]) func sparseAttentionIsSaidToBe(_ threshold: String?) throws {
    let outcome = try Executable.run(
      ["capture", Executable.sample, "--text", "The old town.", "--out", "c"]
        + (threshold.map { ["--threshold", $0] } ?? []), in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let note = "\nAttention counts scores above 0.25 alone: no others are kept.\n"
    #expect(outcome.output.contains(note) == (threshold != nil), "\(outcome.output)")
  }

  @Test func analyzeStoresOneBesideTheRun() throws {
    let outcome = try run(
      "analyze", Executable.sample, Executable.corpus, "--max-chunks", "1", "--chunk-length", "16",
      "--capture", "The old town.", "--out", "r")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let capture = try PromptCapture.read("\(workplace.path)/r/capture.npz")
    #expect(capture.layers.count == 8)
    let files = FileManager.default
    #expect(files.fileExists(atPath: "\(workplace.path)/r/figures/attention-map.svg"))
    let figures = try run("figure", "r", "--out", "f")
    #expect(figures.output.contains("f/alr.svg\n") && figures.output.contains("f/key-vector.svg\n"))
    #expect(figures.errors.contains("peak-dimensions needs rotated-keys, rotated-queries"))
    // The same run without a capture: nothing of the old one stays behind as if it were this one's.
    #expect(try run("figure", "r", "--format", "pdf").exitCode == 0)
    let again = try run(
      "analyze", Executable.sample, Executable.corpus, "--max-chunks", "1", "--chunk-length", "16",
      "--out", "r")
    #expect(again.exitCode == 0, "\(again.errors)")
    let left = try files.subpathsOfDirectory(atPath: "\(workplace.path)/r")
    #expect(left.contains("figures/alr.svg") && left.contains("figures/alr.pdf"))
    let old = ["capture", "attention-map", "key-vector"]
    #expect(left.filter { name in old.contains { name.contains($0) } } == [])
    #expect(
      try !String(contentsOfFile: "\(workplace.path)/r/report.html", encoding: .utf8)
        .contains("id=\"prompt\""))
  }
}
