import Foundation
import ModelFiles
import Testing

/// What transformers made of one fixture; see `Fixtures/make_fixtures.py`.
struct ReferenceDump {
  let tokens: [Int32]
  /// (position, vocabulary)
  let logits: [Float]
  let attentionRows: [Int]
  /// (layer, head, row, position)
  let attention: [Float]
  /// (layer, kvHead, position)
  let keyNorms: [Double]

  init(_ path: String) throws {
    // A safetensors file without a configuration: its header is read here, by hand.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let headerCount = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    let header = try JSONDocument(parsing: [UInt8](bytes[8..<8 + headerCount]))
    func values<T>(_ name: String, as type: T.Type) throws -> [T] {
      let offsets = try #require(header.root[name]?["data_offsets"]).elements
      let start = try #require(offsets[0].int)
      let end = try #require(offsets[1].int)
      return bytes.withUnsafeBytes { raw in
        stride(from: start, to: end, by: MemoryLayout<T>.stride).map {
          raw.loadUnaligned(fromByteOffset: 8 + headerCount + $0, as: T.self)
        }
      }
    }
    tokens = try values("tokens", as: Int32.self)
    logits = try values("logits", as: Float.self)
    attentionRows = try values("attention_rows", as: Int32.self).map(Int.init)
    attention = try values("attention", as: Float.self)
    keyNorms = try values("key_norms", as: Double.self)
  }

  static func path(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.resourceURL)
    return folder.appending(path: "Fixtures/\(name)").path
  }
}
