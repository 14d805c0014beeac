import TestSupport
import Testing
import Tokenization

@testable import Compression

/// Sizes of questions, and texts that do not grow with them.
struct LargestFitTests {
  @Test(arguments: [1, 2, 3, 7, 8, 63, 64, 99]) func theLargestThatFitsIsFound(most: Int) throws {
    let search = LargestFit(task: "task", low: 1, high: 2, bound: 100)
    #expect(try search.find { $0 <= most } == most)
  }

  @Test func aSizeWithoutAnEndIsRefused() {
    let search = LargestFit(task: "task", low: 1, high: 2, bound: 100)
    #expect(throws: TaskError.countlessText(task: "task", size: 100)) {
      try search.find { _ in true }
    }
  }

  /// Of all characters this tokenizer knows only a Q, and drops the others.
  @Test func aTokenizerThatDropsTheFillerEndsTheSearch() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"""
      {"model": {"type": "BPE", "vocab": {"Q": 0, "0": 1, "1": 2}, "merges": []},
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}}
      """#, to: "tokenizer.json")
    let encoder = PromptEncoder(tokenizer: try Tokenizer.load(tokenizerJSON: path), range: nil)
    #expect(throws: TaskError.countlessText(task: "passkey", size: 16 * 300)) {
      try Passkey(lengths: .tokens([300]), seeds: [0]).items(encoder)
    }
    for kind in [Ruler.Kind.variableTracking, .frequentWords] {
      #expect(throws: TaskError.self, "\(kind)") {
        try Ruler(options: .init(kinds: [kind], lengths: [300], samples: 1)).items(encoder)
      }
    }
  }
}
