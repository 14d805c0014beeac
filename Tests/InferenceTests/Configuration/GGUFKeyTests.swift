import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// Keys of GGUF files that change the arithmetic: read as llama.cpp reads them, or refused.
struct GGUFKeyTests {
  enum Value: Sendable {
    case float(Float)
    case count(UInt32)
    case flag(Bool)
    case text(String)
    case counts([UInt32])
  }

  /// The model of `fixture` with keys added to its file, and one of its own under another name.
  private func model(
    _ fixture: String = "tiny-f32", adding entries: [(String, Value)], hiding hidden: String? = nil
  ) throws -> Model {
    let source = try ReferenceDump.path("gguf/\(fixture).gguf")
    var file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: source)))
    if let hidden {
      let place = try #require(Data(file).range(of: Data(hidden.utf8)))
      file.replaceSubrange(place, with: [UInt8](repeating: UInt8(ascii: "x"), count: place.count))
    }
    var added: [UInt8] = []
    for (key, value) in entries { added += Self.pair(key, value) }
    // Tensors lie at multiples of 32 from the end of the header.
    let filler = Self.pair("filler", .text("")).count
    let padding = (32 - (added.count + filler) % 32) % 32
    added += Self.pair("filler", .text(String(repeating: "x", count: padding)))
    file[16] += UInt8(entries.count + 1)
    file.insert(contentsOf: added, at: 24)
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).gguf")
    try Data(file).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return try Model(Checkpoint.open(path.path))
  }

  private static func pair(_ key: String, _ value: Value) -> [UInt8] {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) }
    }
    func text(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + text.utf8 }
    let typed: [UInt8] =
      switch value {
      case .count(let count): bytes(UInt32(4)) + bytes(count)
      case .float(let number): bytes(UInt32(6)) + bytes(number.bitPattern)
      case .flag(let flag): bytes(UInt32(7)) + [flag ? 1 : 0]
      case .text(let string): bytes(UInt32(8)) + text(string)
      case .counts(let counts):
        bytes(UInt32(9)) + bytes(UInt32(4)) + bytes(UInt64(counts.count))
          + counts.flatMap { bytes($0) }
      }
    return text(key) + typed
  }

  /// One number a layer is one number where all of them are the same.
  @Test func headCountsMayBeSaidLayerByLayer() throws {
    let key = "llama.attention.head_count_kv"
    let spec = try model(adding: []).spec
    func counts(_ values: [Int]) -> [(String, Value)] { [(key, .counts(values.map(UInt32.init)))] }
    let same = [Int](repeating: spec.kvHeadCount, count: spec.layerCount)
    #expect(try model(adding: counts(same), hiding: key).spec == spec)
    #expect(throws: InferenceError.self) {
      _ = try model(adding: counts(same.dropLast() + [spec.headCount]), hiding: key)
    }
  }

  @Test(arguments: [
    [("rope.scaling.factor", Value.float(4))],
    [("rope.scale_linear", .float(4))],
    [("rope.scaling.type", .text("linear")), ("rope.scale_linear", .float(4))],
    [("rope.scaling.factor", .float(4)), ("rope.scale_linear", .float(3))],
  ])
  func scalingIsLinearWhereNoTypeIsNamed(entries: [(String, Value)]) throws {
    let model = try model(adding: entries.map { ("llama.\($0.0)", $0.1) })
    #expect(model.spec.rotaries.map(\.scaling) == [.linear(factor: 4)])
  }

  @Test(arguments: [
    [("rope.scaling.type", Value.text("none")), ("rope.scaling.factor", .float(4))],
    [("rope.scaling.factor", .float(0))],
    [("rope.scaling.type", .text("linear"))],
    [],
  ])
  func othersDoNotScale(entries: [(String, Value)]) throws {
    let model = try model(adding: entries.map { ("llama.\($0.0)", $0.1) })
    #expect(model.spec.rotaries.map(\.scaling) == [.none])
  }

  @Test(arguments: [
    ("attention.scale", Value.float(0.5), "0.5"), ("attention.causal", .flag(false), "0"),
    ("attention.sliding_window", .count(4), "4"), ("attn_logit_softcapping", .float(30), "30"),
    ("attention.clamp_kqv", .float(8), "8"), ("attention.max_alibi_bias", .float(8), "8"),
    ("residual_scale", .float(0.25), "0.25"), ("embedding_scale", .float(12), "12"),
    ("logit_scale", .float(3), "3"), ("rope.scaling.yarn_log_multiplier", .float(0.5), "0.5"),
    ("rope.dimension_sections", .counts([2, 2, 0, 0]), "a list or text"),
    ("expert_shared_count", .count(1), "1"),
  ])
  func keysThatTheArchitectureDoesNotKnowAreRefused(
    key: String, value: Value, shown: String
  ) throws {
    #expect(throws: InferenceError.unsupportedValue(field: "llama.\(key)", value: shown)) {
      _ = try model(adding: [("llama.\(key)", value)])
    }
  }

  @Test(arguments: [
    ("attention.causal", Value.flag(true)), ("attention.sliding_window", .count(0)),
    ("attn_logit_softcapping", .float(0)), ("residual_scale", .float(1)),
    ("expert_count", .count(0)), ("rope.scaling.finetuned", .flag(true)),
    ("rope.scaling.yarn_ext_factor", .float(1)), ("novel_key", .float(3)),
  ])
  func valuesThatChangeNothingAreAccepted(key: String, value: Value) throws {
    let plain = try model(adding: [])
    #expect(try model(adding: [("llama.\(key)", value)]).spec == plain.spec)
  }

  @Test func whatAnArchitectureReadsIsItsOwn() throws {
    let granite = try model("granite", adding: [])
    #expect(granite.spec.residualScale != 1 && granite.spec.embeddingScale != 1)
    #expect(
      throws: InferenceError.unsupportedValue(field: "granite.attention.clamp_kqv", value: "8")
    ) { _ = try model("granite", adding: [("granite.attention.clamp_kqv", .float(8))]) }
  }
}
