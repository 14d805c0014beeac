import Foundation
import Testing

@testable import ModelFiles

/// What a refusal may cost: a second, and 64 MB beside four times the file.
@Suite struct HostileBudgetTests {
  /// Files that are refused, each with its exact words elsewhere, and some that are accepted but
  /// declare far more than they hold.
  private static let cases: [(name: String, files: [(name: String, bytes: [UInt8])])] =
    smallCases + bulkyCases

  private static let smallCases: [(name: String, files: [(name: String, bytes: [UInt8])])] = {
    let gguf =
      GGUFHostileTests.headers + GGUFHostileTests.metadata + GGUFHostileTests.tensors
      + GGUFHostileTests.contradictions
    let safetensors =
      SafetensorsHostileTests.headers + SafetensorsHostileTests.fields
      + SafetensorsHostileTests.layouts
    let tokenizers =
      TokenizerHostileTests.documents + TokenizerHostileTests.vocabularies
      + TokenizerHostileTests.pipelines + TokenizerHostileTests.otherFiles
    return gguf.map { ($0.testDescription, [("model.gguf", $0.bytes)]) }
      + safetensors.map { ($0.testDescription, [("model.safetensors", $0.bytes)]) }
      + tokenizers.map { ($0.testDescription, $0.files) }
  }()

  /// What a debug build needs longer for; the release build is far below a second here too.
  private static let bulkyCases: [(name: String, files: [(name: String, bytes: [UInt8])])] = [
    (
      "the highest id alone",
      [("tokenizer.json", Array(#"{"model":{"vocab":{"a":4194303},"merges":[]}}"#.utf8))]
    ),
    ("a million brackets", [("tokenizer.json", [UInt8](repeating: 0x5B, count: 1 << 20))]),
    ("a million empty arrays", [("tokenizer.json", list(of: "[]"))]),
    ("half a million keys", [("model.safetensors", SafetensorsBuilder.file(keys, data: 0))]),
  ]

  private static func list(of element: String) -> [UInt8] {
    Array("[\((0..<(1 << 20)).map { _ in element }.joined(separator: ","))]".utf8)
  }

  private static let keys =
    "{" + (0..<(1 << 19)).map { "\"\($0)\":0" }.joined(separator: ",") + "}"

  @Test func thereAreTwoHundredNamedFiles() {
    #expect(Self.cases.count >= 200, "\(Self.cases.count) bad files")
    #expect(Set(Self.cases.map(\.name)).count > 190)
  }

  /// In a process of its own, whose peak of memory nothing else raises.
  @Test func noneTakesASecondOrMuchMemory() async {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      let folder = try TemporaryFolder()
      for (name, files) in Self.cases {
        for entry in FilePath(folder.path).entries {
          try FileManager.default.removeItem(atPath: folder.path + "/" + entry)
        }
        try folder.write("{}", to: "config.json")
        for file in files { try folder.write(file.bytes, to: file.name) }
        let size = files.reduce(0) { $0 + $1.bytes.count }
        let before = Self.peakBytes()
        let clock = ContinuousClock()
        let time = clock.measure {
          if files.contains(where: { $0.name.hasPrefix("model.") && !$0.name.hasSuffix(".model") })
          {
            _ = try? Checkpoint.open(folder.path)
          } else {
            _ = try? Tokenizer.load(directory: folder.path)
          }
        }
        let isBulky = Self.bulkyCases.contains { $0.name == name }
        let grown = Self.peakBytes() - before
        guard time < .seconds(isBulky ? 20 : 1), grown <= 4 * size + 64 << 20 else {
          let line = "\(name): \(time), \(grown >> 10) KB for \(size) bytes\n"
          FileHandle.standardError.write(Data(line.utf8))
          exit(EXIT_FAILURE)
        }
      }
    }
    let told = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(told == "")
  }

  /// The most memory that the process ever had.
  private static func peakBytes() -> Int {
    var usage = rusage()
    // RUSAGE_SELF, which is a number on one system and a type of its own on the other.
    getrusage(0, &usage)
    #if canImport(Darwin)
      return usage.ru_maxrss
    #else
      return usage.ru_maxrss << 10
    #endif
  }
}
