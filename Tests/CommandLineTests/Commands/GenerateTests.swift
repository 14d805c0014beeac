import Foundation
import Testing

@testable import alr_analyze

/// `generate`, as users run it, and how its text comes.
@Suite struct GenerateTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ options: String...) throws -> Executable.Outcome {
    let text = try String(contentsOfFile: Executable.corpus, encoding: .utf8)
    _ = try workplace.write("prompt.txt", String(text.prefix(2000)))
    return try Executable.run(
      ["generate", Executable.sample, "--prompt-file", "prompt.txt", "--max-tokens", "8"] + options,
      in: workplace.path)
  }

  /// Bytes of the cache after the prompt, compressed, and at the end, in KiB; positions of a head.
  private func cache(_ errors: String) throws -> (bytes: [Double], positions: Int) {
    let line = try #require(errors.split(separator: "\n").last)
    #expect(line.hasPrefix("alr-analyze: cache: "))
    let words = line.split { " (".contains($0) }.map(String.init)
    let bytes = words.indices.dropLast().compactMap { index -> Double? in
      let scale = ["KiB": 1.0, "MiB": 1024].first { words[index + 1].hasPrefix($0.key) }?.value
      return scale.flatMap { scale in Double(words[index]).map { $0 * scale } }
    }
    let positions = words.firstIndex(of: "positions").flatMap { Int(words[$0 - 1]) }
    return (bytes, try #require(positions))
  }

  @Test func aCompressedCacheShrinks() throws {
    let compressed = try run("--keep-ratio", "0.1", "--skip-layers", "none")
    #expect(compressed.exitCode == 0, "\(compressed.errors)")
    #expect(compressed.output.count > 1 && compressed.output.hasSuffix("\n"))
    #expect(
      compressed.errors.contains("tokens of prompt (raw: no chat template of a known family)"))
    #expect(compressed.errors.contains("; keep-low 0.1, skips none\n"))
    #expect(compressed.errors.contains("\nalr-analyze: decoding: 7 tokens, "))
    let small = try cache(compressed.errors)
    #expect(small.bytes.count == 3, "\(compressed.errors)")
    #expect(small.bytes[1] * 3 < small.bytes[0])
    let whole = try run()
    let large = try cache(whole.errors)
    #expect(large.bytes[0] == small.bytes[0] && large.bytes[1] == large.bytes[0])
    // A tenth of the prompt, rounded up, and the seven tokens behind it.
    let prompt = large.positions - 7
    #expect(small.positions == (prompt + 9) / 10 + 7)

    let quiet = try run("--keep-ratio", "0.1", "--skip-layers", "none", "--quiet")
    #expect(quiet.exitCode == 0 && quiet.errors == "" && quiet.output == compressed.output)
  }

  /// The text of the first so many tokens is the first so many of these.
  private func shown(_ texts: [String]) -> (parts: [String], rest: String) {
    var stream = TextStream { texts[$0.count - 1] }
    let parts = texts.indices.map { stream.next([Int32](repeating: 0, count: $0 + 1)) }
    return (parts, stream.rest([Int32](repeating: 0, count: texts.count)))
  }

  @Test func charactersWaitUntilTheyAreWhole() {
    let (parts, rest) = shown(["a", "a\u{FFFD}", "a\u{FFFD}", "a你", "a你\u{FFFD}"])
    #expect(parts == ["a", "", "", "你", ""] && rest == "\u{FFFD}")
  }

  /// Of a character that was shown already, too.
  @Test(arguments: [
    ["e", "e\u{301}", "e\u{301} x"], ["👍", "👍🏽", "👍🏽 x"], ["\r", "\r\n", "\r\n x"],
    ["👩", "👩\u{200D}", "👩\u{200D}🔬", "👩\u{200D}🔬 x"],
  ])
  func nothingIsLostWhereTokensJoin(texts: [String]) {
    let (parts, rest) = shown(texts)
    let all = (parts + [rest]).map { Array($0.unicodeScalars) }.joined()
    #expect(all.elementsEqual((texts.last ?? "").unicodeScalars))
    #expect(parts.last == " x")
  }
}
