import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenization

@testable import Compression

/// What several tests of tasks ask with.
enum TaskFixture {
  /// The sample's, which is read once.
  private static let sample = Result { try tokenizer("notebooks-data/sample/tokenizer.json") }

  static func tokenizer() throws -> Tokenizer { try sample.get() }

  static func tokenizer(_ path: String) throws -> Tokenizer {
    try Tokenizer.load(tokenizerJSON: Repository.root.appendingPathComponent(path).path)
  }

  static func encoder(range: Int? = nil) throws -> PromptEncoder {
    PromptEncoder(tokenizer: try tokenizer(), range: range)
  }

  static func hash(_ text: String) -> String {
    var hash = SHA256()
    hash.update(Array(text.utf8))
    return hash.finalize()
  }

  static func response(_ text: String, ids: [Int32] = []) -> TaskResponse {
    TaskResponse(ids: ids, text: text)
  }

  /// Running text with full stops, some 2000 tokens of it.
  static func essay() throws -> String {
    let text = try String(
      contentsOf: Repository.root.appendingPathComponent("notebooks-data/sample/corpus.txt"),
      encoding: .utf8)
    return String(text.prefix(9000))
  }

  /// The value of an item's coordinate.
  static func coordinate(_ name: String, of item: TaskItem) -> Int? {
    guard case .int(let value)? = item.coordinates.first(where: { $0.key == name })?.value else {
      return nil
    }
    return value
  }
}
