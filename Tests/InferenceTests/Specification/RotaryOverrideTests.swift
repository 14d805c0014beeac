import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// The rotations of the paper's models, and rotations that a user asks for.
struct RotaryOverrideTests {
  /// A published configuration and what transformers makes of it.
  struct PaperModel: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    /// What must be asked for, because the file does not say it.
    let rope: String?
    let length: Int
    /// Radians a position of each pair.
    let inverseFrequencies: [Float]
    var testDescription: String { name }
  }

  private static func paperModels() throws -> [(PaperModel, JSONNode)] {
    let url = try URL(fileURLWithPath: ReferenceDump.path("paper-models.json"))
    let bytes = try Data(contentsOf: url)
    let document = try JSONDocument(parsing: Array(bytes))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return zip(
      try decoder.decode([PaperModel].self, from: bytes),
      document.root.elements.compactMap { $0["config"] }
    ).map { ($0, $1) }
  }

  private static func spec(_ configuration: JSONNode) throws -> ArchitectureSpec {
    let text = try TextModel(configuration)
    var spec = try text.architecture.fromHuggingFace(text.configuration)
    spec.name = text.architecture.name
    try spec.check()
    return spec
  }

  private static func spec(_ text: String) throws -> ArchitectureSpec {
    try spec(JSONDocument(parsing: Array(text.utf8)).root)
  }

  private static func override(_ text: String) throws -> RotaryOverride {
    try #require(RotaryOverride(text), "\(text)")
  }

  /// The greatest relative difference of any frequency.
  private static func distance(_ spec: ArchitectureSpec, from model: PaperModel) -> Float {
    let found = spec.rotaries[0].inverseFrequencies(length: model.length)
    var distance = WorstDifference<Float>()
    distance.add(found, model.inverseFrequencies) { $0 }
    return distance.worst
  }

  @Test func rotationsOfThePapersModels() throws {
    let models = try Self.paperModels()
    #expect(models.count == 7)
    for (model, configuration) in models {
      var spec = try Self.spec(configuration)
      if let rope = model.rope {
        #expect(Self.distance(spec, from: model) > 0.1)
        try Self.override(rope).apply(to: &spec)
      }
      #expect(Self.distance(spec, from: model) < 1e-6, "\(model.name)")
      spec.rotaries[0].base *= 1.001
      #expect(Self.distance(spec, from: model) > 1e-4, "\(model.name)")
    }
  }

  @Test func sizesOfThePapersModels() throws {
    func sizes(_ name: String) throws -> [Int] {
      let found = try Self.paperModels().first { $0.0.name == name }
      let spec = try Self.spec(#require(found).1)
      return [
        spec.layerCount, spec.headCount, spec.kvHeadCount, spec.headDim, spec.vocabularySize,
        spec.contextLength,
      ]
    }
    #expect(try sizes("Llama-2-7b") == [32, 32, 32, 128, 32_000, 4096])
    #expect(try sizes("longlora-32k-ft") == [32, 32, 32, 128, 32_001, 4096])
    #expect(try sizes("Llama-3.1-8b") == [32, 32, 8, 128, 128_256, 131_072])
    #expect(try sizes("gemma-7b") == [28, 16, 16, 256, 256_000, 8192])
  }

  @Test func heldLengthBecomesTheContext() throws {
    var spec = try Self.spec(Self.llama)
    let base = spec.rotaries[0].base
    try Self.override("dynamic:10@640").apply(to: &spec)
    #expect(spec.contextLength == 640)
    #expect(spec.rotaries[0].scaling == .none)
    // Of 16 dimensions: base · (10 · 640 / 64 − 9)^(16 / 14)
    #expect(abs(spec.rotaries[0].base / (base * pow(91, 16.0 / 14)) - 1) < 1e-12)
  }

  @Test(arguments: [
    ("linear:4", RotaryScaling.linear(factor: 4), 10_000.0),
    ("dynamic:2.5", .dynamic(factor: 2.5, context: 64), 10_000),
    ("base:5e5", .linear(factor: 2), 500_000),
    ("none", .none, 10_000),
    ("base:20000,none", .none, 20_000),
    ("linear:8,base:20000", .linear(factor: 8), 20_000),
  ])
  func onlyWhatIsSaidChanges(text: String, scaling: RotaryScaling, base: Double) throws {
    var spec = try Self.spec(Self.llama)
    #expect(spec.rotaries[0].scaling == .linear(factor: 2))
    try Self.override(text).apply(to: &spec)
    #expect(spec.rotaries[0].scaling == scaling)
    #expect(spec.rotaries[0].base == base)
    #expect(spec.contextLength == 64)
  }

  /// What is written into a run's identity does not depend on how it was typed.
  @Test(arguments: [
    ("linear:8.0", "linear:8"), ("linear:8,base:1e6", "base:1000000,linear:8"),
    ("dynamic:10@81920", "dynamic:10@81920"), ("dynamic:1.5", "dynamic:1.5"), ("none", "none"),
  ])
  func equalOverridesAreSpelledAlike(text: String, canonical: String) throws {
    #expect(try Self.override(text).description == canonical)
    #expect(try Self.override(canonical) == Self.override(text))
  }

  @Test(arguments: [
    "", "linear", "linear:", "linear:0.5", "linear:-2", "linear:nan", "linear:inf", "linear:0x8",
    "linear:2,linear:3", "none,linear:2", "base:1", "base:2,base:3", "base:2,", "base:1e999",
    "dynamic:2@", "dynamic:2@0", "dynamic:2@1.5", "dynamic:2@9@9", "dynamic:2@99999999999999999999",
    "yarn:4", "Linear:2", "none:1",
  ])
  func otherTextsAreRefused(text: String) {
    #expect(RotaryOverride(text) == nil)
  }

  @Test(arguments: [
    ("architectures/gpt2", "linear:2", "'gpt2' rotates nothing"),
    ("architectures/gemma3", "linear:2", "'gemma3_text' rotates by several rules"),
    ("gqa-tied", "dynamic:2@8", "8 is less than the model's context of 128"),
  ])
  func unsuitableModelsAreRefused(fixture: String, text: String, reason: String) throws {
    let checkpoint = try Checkpoint.open(ReferenceDump.path(fixture))
    let rotary = try Self.override(text)
    #expect(throws: InferenceError.unsuitableRotaryOverride(reason: reason)) {
      _ = try Model(checkpoint, rotary: rotary)
    }
  }

  private static let llama = """
    {"model_type": "llama", "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4,
    "vocab_size": 96, "num_hidden_layers": 2, "max_position_embeddings": 64,
    "rope_scaling": {"type": "linear", "factor": 2}}
    """
}
