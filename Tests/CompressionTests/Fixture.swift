import Foundation
import ModelFiles
import Testing

/// The files in `Fixtures`, which scripts beside them wrote.
enum Fixture {
  static func json(_ name: String) throws -> JSONNode {
    let file = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    return try JSONDocument(parsing: [UInt8](Data(contentsOf: file.appendingPathComponent(name))))
      .root
  }
}
