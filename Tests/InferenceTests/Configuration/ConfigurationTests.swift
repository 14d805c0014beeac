import Foundation
import ModelFiles
import Testing

@testable import Inference

/// What configurations say, in older and newer spellings, and what they may not say.
struct ConfigurationTests {
  /// The spec that a `config.json` of `type` makes, with `fields` beside the sizes.
  private func spec(_ type: String, _ fields: String) throws -> ArchitectureSpec {
    let sizes = """
      "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "vocab_size": 96,
      "num_hidden_layers": 8\(fields.contains("num_key") ? "" : ", \"num_key_value_heads\": 4"),
      "head_dim": 16
      """
    let text = "{\"model_type\": \"\(type)\", \(sizes)\(fields.isEmpty ? "" : ", \(fields)")}"
    let document = try JSONDocument(parsing: Array(text.utf8))
    let spec = try ArchitectureRegistry.named(huggingFace: type)
      .fromHuggingFace(HuggingFaceConfiguration(document.root))
    try spec.check()
    return spec
  }

  struct Spellings: Sendable, CustomTestStringConvertible {
    let type: String
    let older: String
    let newer: String
    var testDescription: String { "\(type): \(older)" }

    init(_ type: String, _ older: String, _ newer: String) {
      (self.type, self.older, self.newer) = (type, older, newer)
    }
  }

  static let spellings = [
    Spellings(
      "llama", #""rope_theta": 500.0, "torch_dtype": "float16""#,
      #""rope_parameters": {"rope_type": "default", "rope_theta": 500.0}, "dtype": "float16""#),
    Spellings(
      "llama", #""rope_theta": 500, "rope_scaling": {"type": "linear", "factor": 2.0}"#,
      #""rope_parameters": {"rope_type": "linear", "rope_theta": 500.0, "factor": 2.0}"#),
    Spellings(
      "llama",
      #"""
      "rope_theta": 5e5, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
        "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
      """#,
      #"""
      "rope_parameters": {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0,
        "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
      """#),
    Spellings(
      "qwen2",
      #"""
      "rope_theta": 1e6, "max_position_embeddings": 131072,
        "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
      """#,
      #"""
      "max_position_embeddings": 131072, "rope_parameters": {"rope_type": "yarn",
        "rope_theta": 1000000.0, "factor": 4.0, "original_max_position_embeddings": 32768}
      """#),
    Spellings(
      "gpt_neox", #""rotary_pct": 0.5, "rotary_emb_base": 500"#,
      #""rope_parameters": {"rope_theta": 500, "partial_rotary_factor": 0.5}"#),
    Spellings(
      "phi", #""partial_rotary_factor": 0.25, "rope_theta": 500"#,
      #""rope_parameters": {"rope_theta": 500, "partial_rotary_factor": 0.25}"#),
    Spellings(
      "phi3",
      #"""
      "original_max_position_embeddings": 4096, "max_position_embeddings": 131072,
        "rope_scaling": {"type": "su", "short_factor": [1, 1, 1, 1, 1, 1, 1, 1],
        "long_factor": [1, 2, 3, 4, 5, 6, 7, 8]}
      """#,
      #"""
      "max_position_embeddings": 131072, "rope_parameters": {"rope_type": "longrope",
        "original_max_position_embeddings": 4096, "short_factor": [1, 1, 1, 1, 1, 1, 1, 1],
        "long_factor": [1, 2, 3, 4, 5, 6, 7, 8]}
      """#),
    Spellings(
      "gemma3_text",
      #"""
      "rope_theta": 1000000, "rope_local_base_freq": 10000, "sliding_window": 512,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0}, "sliding_window_pattern": 2
      """#,
      #"""
      "sliding_window": 512, "layer_types": ["sliding_attention", "full_attention",
        "sliding_attention", "full_attention", "sliding_attention", "full_attention",
        "sliding_attention", "full_attention"], "rope_parameters": {
        "full_attention": {"rope_type": "linear", "rope_theta": 1000000, "factor": 8.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 10000}}
      """#),
    Spellings(
      "smollm3", #""no_rope_layer_interval": 4"#, #""no_rope_layers": [1, 1, 1, 0, 1, 1, 1, 0]"#),
    Spellings(
      "qwen2",
      #""use_sliding_window": true, "sliding_window": 16, "max_window_layers": 6"#,
      #"""
      "use_sliding_window": true, "sliding_window": 16, "layer_types": ["full_attention",
        "full_attention", "full_attention", "full_attention", "full_attention",
        "full_attention", "sliding_attention", "sliding_attention"]
      """#),
    Spellings(
      "llama", #""rope_scaling": {"type": "linear", "factor": 2.0, "rope_theta": 500}"#,
      #""rope_parameters": {"rope_type": "linear", "rope_theta": 500.0, "factor": 2.0}"#),
    Spellings(
      "olmo3",
      #"""
      "rope_theta": 500000, "rope_scaling": {"rope_type": "yarn", "factor": 8.0,
        "original_max_position_embeddings": 8192}
      """#,
      #"""
      "rope_parameters": {"sliding_attention": {"rope_type": "default", "rope_theta": 500000},
        "full_attention": {"rope_type": "yarn", "rope_theta": 500000, "factor": 8.0,
          "original_max_position_embeddings": 8192}}
      """#),
    Spellings("qwen3_moe", #""num_experts": 16"#, #""num_local_experts": 16"#),
  ]

  @Test(arguments: spellings)
  func olderAndNewerSpellingsAreOne(_ spellings: Spellings) throws {
    let older = try spec(spellings.type, spellings.older)
    #expect(try older == spec(spellings.type, spellings.newer))
    // Neither is simply ignored.
    #expect(try older != spec(spellings.type, "") || spellings.type == "smollm3")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let type: String
    let fields: String
    let error: InferenceError
    var testDescription: String { "\(type): \(fields)" }

    init(_ type: String, _ fields: String, _ error: InferenceError) {
      (self.type, self.fields, self.error) = (type, fields, error)
    }
  }

  static let refusals = [
    Refusal(
      "llama", #""rope_theta": 500, "rope_parameters": {"rope_theta": 501}"#,
      .conflictingFields("rope_theta", "rope_parameters.rope_theta")),
    Refusal(
      "llama",
      #""rope_theta": 500, "rope_scaling": {"type": "linear", "factor": 2, "rope_theta": 5}"#,
      .conflictingFields("rope_theta", "rope_scaling.rope_theta")),
    Refusal(
      "llama", #""partial_rotary_factor": 0.5"#,
      .unsupportedValue(field: "partial_rotary_factor", value: "0.5")),
    Refusal(
      "llama", #""rope_parameters": {"full_attention": {"rope_theta": 5000}}"#,
      .invalidField("rope_parameters", expected: "one rotation for layers of all types")),
    Refusal(
      "gemma3_text", #""rope_parameters": {"rope_type": "linear", "factor": 8}"#,
      .invalidField("rope_parameters", expected: "one rotation for each type of layer")),
    Refusal(
      "gemma3_text", #""_sliding_window_pattern": 2"#,
      .unsupportedValue(field: "_sliding_window_pattern", value: "2")),
    Refusal(
      "gemma3_text", #""rope_scaling": {"type": "linear", "factor": 8}"#,
      .missingField("rope_scaling.rope_type")),
    Refusal(
      "gemma3_text",
      #"""
      "rope_parameters": {"full_attention": {"rope_type": "yarn", "factor": 8, "truncate": false}}
      """#,
      .unsupportedValue(field: "rope_parameters.full_attention.truncate", value: "false")),
    Refusal(
      "llama",
      #"""
      "rope_parameters": {"rope_type": "linear", "factor": 2, "rope_theta": 700},
      "rope_scaling": {"rope_type": "linear", "factor": 2}
      """#,
      .conflictingFields("rope_scaling", "rope_parameters")),
    Refusal(
      "phi3",
      #"""
      "rope_scaling": {"type": "longrope", "original_max_position_embeddings": 2048,
        "short_factor": [1, 1, 1, 1, 1, 1, 1, 1], "long_factor": [1, 2, 3, 4, 5, 6, 7, 8]}
      """#,
      .unsupportedValue(
        field: "rope_scaling.original_max_position_embeddings",
        value: "2048 that is not beside it")),
    Refusal(
      "smollm3",
      #"""
      "sliding_window": 16, "layer_types": ["sliding_attention", "full_attention",
        "full_attention", "full_attention", "full_attention", "full_attention",
        "full_attention", "full_attention"]
      """#,
      .conflictingFields("use_sliding_window", "layer_types")),
    Refusal(
      "qwen3_moe",
      #"""
      "use_sliding_window": true, "layer_types": ["sliding_attention", "full_attention",
        "full_attention", "full_attention", "full_attention", "full_attention",
        "full_attention", "full_attention"]
      """#,
      .conflictingFields("use_sliding_window", "layer_types")),
    Refusal(
      "olmo3", #""rope_theta": 10000"#, .unsupportedValue(field: "rope_theta", value: "10000")),
    Refusal(
      "phi", #""partial_rotary_factor": 0.5, "rope_parameters": {"partial_rotary_factor": 0.25}"#,
      .conflictingFields("partial_rotary_factor", "rope_parameters.partial_rotary_factor")),
    Refusal(
      "gpt_neox", #""rotary_pct": 0.5, "rope_parameters": {"partial_rotary_factor": 0.25}"#,
      .conflictingFields("rotary_pct", "rope_parameters.partial_rotary_factor")),
    Refusal(
      "llama",
      #"""
      "rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"rope_type": "default"}
      """#,
      .conflictingFields("rope_scaling", "rope_parameters")),
    Refusal(
      "llama", #""rope_scaling": {"type": "linear", "rope_type": "dynamic", "factor": 2}"#,
      .conflictingFields("rope_scaling.rope_type", "rope_scaling.type")),
    Refusal(
      "qwen3_moe", #""num_experts": 16, "num_local_experts": 8"#,
      .conflictingFields("num_experts", "num_local_experts")),
    Refusal(
      "gemma3_text",
      #"""
      "sliding_window_pattern": 3, "layer_types": ["full_attention", "full_attention",
        "full_attention", "full_attention", "full_attention", "full_attention",
        "full_attention", "full_attention"]
      """#,
      .conflictingFields("sliding_window_pattern", "layer_types")),
    Refusal(
      "gemma2", #""layer_types": ["full_attention"]"#,
      .invalidField("layer_types", expected: "a list of 8 names")),
    Refusal(
      "gemma2",
      #"""
      "layer_types": ["full_attention", "full_attention", "full_attention", "full_attention",
        "full_attention", "full_attention", "full_attention", "linear_attention"]
      """#,
      .unsupportedValue(field: "layer_types", value: "linear_attention")),
    Refusal(
      "llama", #""rope_scaling": {"type": "mystery"}"#,
      .unsupportedValue(field: "rope_scaling.rope_type", value: "mystery")),
    Refusal(
      "llama", #""rope_scaling": {"type": "linear"}"#, .missingField("rope_scaling.factor")),
    Refusal(
      "llama", #""rope_theta": 1"#, .invalidField("rope_theta", expected: "above 1")),
    Refusal(
      "phi3",
      #"""
      "max_position_embeddings": 64, "rope_scaling": {"type": "longrope", "short_factor": [1],
        "long_factor": [1]}
      """#,
      .invalidField("rope_scaling.short_factor", expected: "8 positive numbers")),
    Refusal(
      "phi", #""partial_rotary_factor": 0.2"#,
      .invalidField(
        "partial_rotary_factor", expected: "such that an even number of dimensions rotates")),
    Refusal(
      "llama", #""hidden_act": "relu2""#, .unsupportedValue(field: "hidden_act", value: "relu2")),
    Refusal(
      "llama", #""num_key_value_heads": 3"#,
      .invalidField("number of key-value heads", expected: "a divisor of the 4 attention heads")),
    Refusal(
      "qwen3_moe", #""num_experts": 4, "num_experts_per_tok": 5"#,
      .invalidField("number of experts a token", expected: "at most 4")),
    Refusal(
      "smollm3", #""no_rope_layers": [1, 2]"#,
      .invalidField("no_rope_layers", expected: "a list of 8 times 0 or 1")),
  ]

  @Test(arguments: refusals)
  func contradictionsAreRefused(_ refusal: Refusal) {
    #expect(throws: refusal.error) { try spec(refusal.type, refusal.fields) }
  }

  /// What transformers takes where a file says nothing.
  @Test func basesLeftOutAreThoseOfTheArchitecture() throws {
    for (type, bases) in [
      ("llama", [10_000]), ("mixtral", [1_000_000]), ("smollm3", [2_000_000]),
      ("olmo3", [500_000, 500_000]), ("gemma3_text", [1_000_000, 10_000]),
    ] {
      #expect(try spec(type, "").rotaries.map(\.base) == bases.map(Double.init), "\(type)")
    }
  }

  @Test func textModelsLeaveOutWhatTransformersKnows() throws {
    func spec(_ type: String) throws -> ArchitectureSpec {
      let json = """
        {"model_type": "\(type)", "text_config": {"model_type": "\(type)_text", "vocab_size": 9,
        "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2}}
        """
      let text = try TextModel(JSONDocument(parsing: Array(json.utf8)).root)
      return try text.architecture.fromHuggingFace(text.configuration)
    }
    let second = try spec("qwen2_vl")
    #expect(second.rotaries.map(\.base) == [1_000_000])
    #expect(second.layerCount == 80 && second.intermediateSize == 29_568)
    #expect(second.norm.epsilon == 1e-5)
    let third = try spec("qwen3_vl")
    #expect(third.rotaries.map(\.base) == [500_000])
    #expect(third.layerCount == 32 && third.intermediateSize == 22_016 && third.headDim == 128)
    #expect(third.norm.epsilon == 1e-6)
  }

  @Test func sizesLeftOutAreThoseOfTheArchitecture() throws {
    func sizes(_ type: String, _ fields: String) throws -> [Int] {
      let text = """
        {"model_type": "\(type)", "hidden_size": 512, "intermediate_size": 96, "vocab_size": 96,
        "num_attention_heads": 32, "num_hidden_layers": 1\(fields)}
        """
      let spec = try ArchitectureRegistry.named(huggingFace: type).fromHuggingFace(
        HuggingFaceConfiguration(JSONDocument(parsing: Array(text.utf8)).root))
      return [spec.kvHeadCount, spec.headDim]
    }
    #expect(try sizes("llama", "") == [32, 16])
    #expect(try sizes("mistral", "") == [8, 16])
    #expect(try sizes("mistral", #", "num_key_value_heads": null"#) == [32, 16])
    #expect(try sizes("starcoder2", "") == [2, 16])
    #expect(try sizes("qwen3", "") == [32, 128])
    #expect(try sizes("gemma2", "") == [4, 256])
  }

  @Test func scalingLeavesWindowedLayersAlone() throws {
    let spec = try spec(
      "olmo3", #""rope_scaling": {"rope_type": "linear", "factor": 8.0}, "rope_theta": 500000"#)
    #expect(spec.rotaries.map(\.scaling) == [.linear(factor: 8), .none])
    #expect(spec.layers.map(\.rotary) == [1, 1, 1, 0, 1, 1, 1, 0])
  }

  @Test func longropeOfPhi3StartsFromItsFirstContext() throws {
    let factors = "[1, 1, 1, 1, 1, 1, 1, 1]"
    let spec = try spec(
      "phi3",
      """
      "max_position_embeddings": 131072, "rope_scaling": {"type": "longrope",
      "short_factor": \(factors), "long_factor": \(factors)}
      """)
    guard case .longrope(_, _, let context, let factor) = spec.rotaries[0].scaling else {
      Issue.record("\(spec.rotaries[0])")
      return
    }
    #expect(context == 4096)
    #expect(abs(factor - (1 + log(32.0) / log(4096)).squareRoot()) < 1e-12)
  }

  @Test func firstGemmasMeanTheApproximation() throws {
    #expect(try spec("gemma", #""hidden_act": "gelu""#).activation == .geluTanh)
    #expect(try spec("gemma", #""hidden_act": "gelu_python""#).activation == .gelu)
    #expect(try spec("llama", #""hidden_act": "gelu""#).activation == .gelu)
  }

  @Test func windowsLeftOutAreNotWindowsOfNone() throws {
    #expect(
      try spec("qwen2", #""use_sliding_window": true, "max_window_layers": 7"#).layers.map(\.window)
        == [nil, nil, nil, nil, nil, nil, nil, 4096])
    let types = """
      "sliding_window": 16, "layer_types": ["full_attention", "sliding_attention", "full_attention",
      "full_attention", "full_attention", "full_attention", "full_attention", "full_attention"]
      """
    #expect(
      try spec("mistral", types).layers.map(\.window)
        == [nil, 16, nil, nil, nil, nil, nil, nil])
    #expect(try spec("mistral", "").layers.allSatisfy { $0.window == 4096 })
    #expect(try spec("mistral", #""sliding_window": null"#).layers.allSatisfy { $0.window == nil })
    #expect(
      try spec("gemma2", "").layers.map { $0.window != nil } == [
        true, false, true, false, true, false, true, false,
      ])
  }

  @Test func absurdLayerCountsAreRefusedBeforeTheyAreSizedBy() {
    #expect(throws: InferenceError.self) {
      let text = """
        {"model_type": "gpt2", "n_embd": 64, "n_head": 4, "vocab_size": 96, "n_layer": 1000000000}
        """
      let document = try JSONDocument(parsing: Array(text.utf8))
      _ = try Architecture.gpt2.fromHuggingFace(HuggingFaceConfiguration(document.root))
    }
  }

  @Test func learnedPositionsEnd() throws {
    let model = try Model(Checkpoint.open(ReferenceDump.path("architectures/gpt2")))
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 1))
    let tokens = [Int32](repeating: 1, count: 81)
    #expect(throws: InferenceError.tooManyPositions(81, limit: 80)) {
      _ = try pass.read([tokens], logits: .last)
    }
  }

  /// The checkpoint of a fixture with one of its files changed.
  private func checkpoint(
    _ name: String, changing file: String, _ change: (inout Data) throws -> Void
  ) throws -> Checkpoint {
    let source = try URL(fileURLWithPath: ReferenceDump.path(name))
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    try FileManager.default.copyItem(at: source, to: copy)
    // What is open stays open.
    defer { try? FileManager.default.removeItem(at: copy) }
    let path = copy.appending(path: file)
    var data = try Data(contentsOf: path)
    try change(&data)
    try data.write(to: path)
    return try Checkpoint.open(copy.path)
  }

  /// One whose `config.json` says something else.
  private func checkpoint(
    _ name: String, replacing field: String, with other: String
  ) throws -> Checkpoint {
    try checkpoint(name, changing: "config.json") { data in
      let text = String(decoding: data, as: UTF8.self)
      try #require(text.contains(field))
      data = Data(text.replacing(field, with: other).utf8)
    }
  }

  /// One with the name of a tensor changed to another that is no longer.
  private func checkpoint(
    _ name: String, renaming tensor: String, to other: String
  ) throws -> Checkpoint {
    try checkpoint(name, changing: "model.safetensors") { data in
      let place = try #require(data.range(of: Data("\"\(tensor)\"".utf8)))
      // Blanks between the members of the header keep its length.
      let blanks = String(repeating: " ", count: tensor.utf8.count - other.utf8.count)
      data.replaceSubrange(place, with: Data("\"\(other)\"\(blanks)".utf8))
    }
  }

  private func nextToken(_ model: Model) throws -> [Int32] {
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 1))
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: 8)
    let sink = ArgmaxSink()
    try pass.run(
      PassRows(sequences: [[5, 9, 2, 40, 7]]), cache: cache, workspace: PassWorkspace(for: pass),
      logits: LogitRequest(.last, to: sink))
    return sink.tokens
  }

  /// Of tied matrices either may be the one that was stored.
  @Test func tiesHoldInBothDirections() throws {
    let usual = try Model(Checkpoint.open(ReferenceDump.path("gqa-tied")))
    let other = try Model(
      checkpoint("gqa-tied", renaming: "model.embed_tokens.weight", to: "lm_head.weight"))
    #expect(other.spec.tiedEmbeddings && other.unusedTensors.isEmpty)
    #expect(try nextToken(other) == nextToken(usual))
    // Without the tie the embedding is missing.
    #expect(throws: InferenceError.missingTensors(["model.embed_tokens.weight"])) {
      _ = try Model(
        checkpoint("untied-output", renaming: "model.embed_tokens.weight", to: "embed.weight"))
    }
  }

  /// Attention can be measured without an output matrix; tokens cannot be predicted.
  @Test func outputsAreNeededForTokensAlone() throws {
    let model = try Model(
      checkpoint("untied-output", renaming: "lm_head.weight", to: "score.weight"))
    #expect(!model.predictsTokens && model.unusedTensors == ["score.weight"])
    #expect(throws: InferenceError.noOutput) { _ = try nextToken(model) }
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: .f32, pool: WorkerPool(count: 1))
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: 8)
    try pass.run(
      PassRows(sequences: [[5, 9, 2]]), cache: cache, workspace: PassWorkspace(for: pass))
    #expect(cache.view(layer: 1, sequence: 0, kvHead: 0).positions.count == 3)
  }

  /// What no number depends on may say what it likes.
  @Test func fieldsThatNothingReadsAreLeftAlone() throws {
    for extra in [
      "\"torch_dtype\": \"bfloat16\"", "\"summary_scale\": NaN",
      "\"head_bounds\": [-Infinity, Infinity]",
      "\"quantization_config\": {\"quant_method\": \"none\"}",
    ] {
      let model = try Model(
        checkpoint("gqa-tied", replacing: "\"vocab_size\"", with: "\(extra), \"vocab_size\""))
      #expect(model.spec.layerCount > 0, "\(extra)")
    }
    // One that is read has to be a number.
    #expect(throws: InferenceError.self) {
      _ = try Model(
        checkpoint(
          "gqa-tied", replacing: "\"rms_norm_eps\": ", with: "\"rms_norm_eps\": NaN, \"x\": "))
    }
  }

  /// A checkpoint that has an output matrix of its own means it to be used.
  @Test func storedOutputsAreUsedWhateverTheFlagSays() throws {
    let model = try Model(
      checkpoint(
        "untied-output", replacing: "\"tie_word_embeddings\": false",
        with: "\"tie_word_embeddings\": true"))
    #expect(!model.spec.tiedEmbeddings && model.unusedTensors.isEmpty)
  }

  @Test func encodersInDisguiseAreRefused() throws {
    for name in ["gqa-tied", "architectures/gpt2"] {
      let checkpoint = try checkpoint(
        name, replacing: "\"vocab_size\"", with: "\"is_causal\": false, \"vocab_size\"")
      #expect(throws: InferenceError.unsupportedValue(field: "is_causal", value: "false")) {
        _ = try Model(checkpoint)
      }
    }
  }

  @Test func tooFewTensorsAreNotTheConfigurationsFault() throws {
    let checkpoint = try checkpoint(
      "architectures/mistral", replacing: "\"num_hidden_layers\": 2",
      with: "\"num_hidden_layers\": 9000")
    #expect(throws: InferenceError.tooFewTensors(checkpoint.tensors.count, layers: 9000)) {
      _ = try Model(checkpoint)
    }
  }

  /// Counts of what is stored tensor by tensor are held against the tensors before names are made
  /// of them.
  @Test(arguments: [
    ("architectures/mixtral", "\"num_local_experts\": 4", "\"num_local_experts\": 1000000000"),
    (
      "architectures/stablelm-parallel", "\"num_attention_heads\": 4",
      "\"head_dim\": 8, \"num_attention_heads\": 1000000000"
    ),
  ])
  func absurdCountsAreRefused(_ name: String, _ field: String, _ absurd: String) throws {
    let checkpoint = try checkpoint(name, replacing: field, with: absurd)
    #expect(
      throws: InferenceError.invalidField(
        "number of experts or heads", expected: "at most the number of tensors")
    ) { _ = try Model(checkpoint) }
  }

  /// A table of another name would change the rotation in a way that nobody knows.
  @Test func unknownRotaryTensorsAreRefused() throws {
    let path = try ReferenceDump.path("gguf/llama-llama3.gguf")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let range = try #require(bytes.range(of: Data("rope_freqs.weight".utf8)))
    bytes.replaceSubrange(range, with: Data("rope_freak.weight".utf8))
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).gguf")
    try bytes.write(to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    #expect(throws: InferenceError.unknownRotaryTensor("rope_freak.weight")) {
      _ = try Model(Checkpoint.open(copy.path))
    }
  }

  /// What a file says stands in messages on one line and cut where it is long.
  @Test func messagesStayOnOneLine() {
    let long = String(repeating: "x", count: 5000)
    let error = InferenceError.unsupportedValue(field: "layer_types", value: "a\u{1B}[2J\n" + long)
    #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    #expect(error.description.count < 300)
    #expect(InferenceError.missingTensors([long]).description.count < 300)
  }
}
