import Foundation
import TestSupport
import Testing
import Tokenization

@testable import ModelFiles

/// What paths are taken for models, how they are named, and what is refused.
@Suite struct CheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ path: String) -> String {
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint.open(path, cache: HuggingFaceCache(environment: ["HF_HUB_CACHE": "/none"]))
    }
    return error?.description ?? ""
  }

  private func writeModel(
    _ name: String = "model.safetensors", tensors: [String] = ["a", "b"],
    configuration: String = "{\"model_type\":\"llama\"}"
  ) throws {
    let path = try folder.write(SafetensorsBuilder.vectors(tensors), to: name)
    try folder.write(
      configuration,
      to: String(path.dropFirst(folder.path.count + 1)).split(separator: "/").dropLast()
        .joined(separator: "/") + "/config.json")
  }

  // MARK: What is opened

  @Test(arguments: ["tiny", "tiny/model.safetensors", "tiny/"])
  func opensFolderAndFile(path: String) throws {
    try writeModel("tiny/model.safetensors")
    let checkpoint = try Checkpoint.open(folder.path + "/" + path)
    #expect(checkpoint.name == "tiny")
    #expect(FilePath(checkpoint.directory).lastComponent == "tiny")
    #expect(checkpoint.format == .safetensors && checkpoint.gguf == nil)
    #expect(checkpoint.configuration?.root["model_type"]?.string == "llama")
    #expect(checkpoint.parameterCount == 4)
    #expect(checkpoint.fileNames == ["model.safetensors"])
    let tensor = try #require(checkpoint.tensors["b"])
    checkpoint.prefetch([tensor])
    checkpoint.withBytes(of: tensor) { #expect($0.count == 8) }
    checkpoint.release(tensor)
  }

  @Test func opensGGUF() throws {
    let path = try folder.write(GGUFBuilder.sound.bytes, to: "Tiny-1B.Q4_0.gguf")
    for path in [path, folder.path] {
      let checkpoint = try Checkpoint.open(path)
      #expect(checkpoint.name == "Tiny-1B.Q4_0" && checkpoint.format == .gguf)
      #expect(checkpoint.configuration == nil)
      #expect(
        checkpoint.gguf?.strings("tokenizer.ggml.tokens").map(Array.init) == ["a", "b", "ab"])
    }
  }

  @Test(arguments: [
    ("org/model.safetensors", "org"), ("org/model-q4.gguf", "org"), ("org/model.gguf", "org"),
    ("org/tiny.gguf", "tiny"), ("org/modelling.gguf", "modelling"),
    ("org/tiny.v2.safetensors", "tiny.v2"),
    ("org/tiny-00001-of-00002.gguf", "tiny"),
    ("cache/models--org--Tiny-1B/snapshots/0123abc/model.safetensors", "Tiny-1B"),
  ])
  func isNamed(path: String, name: String) {
    let file = FilePath("/" + path)
    let location =
      path.hasSuffix("gguf") ? CheckpointLocation.gguf(file) : CheckpointLocation.safetensors(file)
    #expect(location.modelName == name)
  }

  @Test func indexIsNamedAfterItsFolder() {
    let index = FilePath("/org/tiny/model.safetensors.index.json")
    #expect(CheckpointLocation.shardIndex(index).modelName == "tiny")
  }

  // MARK: Shards

  private func writeShards(_ index: String) throws -> String {
    try folder.write(SafetensorsBuilder.vectors(["a"]), to: "model-00001-of-00002.safetensors")
    try folder.write(
      SafetensorsBuilder.vectors(["b", "c"]), to: "model-00002-of-00002.safetensors")
    try folder.write("{}", to: "config.json")
    return try folder.write(index, to: "model.safetensors.index.json")
  }

  @Test func opensShards() throws {
    let index = try writeShards(
      """
      {"metadata":{"total_size":24},"weight_map":{"a":"model-00001-of-00002.safetensors",
      "b":"model-00002-of-00002.safetensors","c":"model-00002-of-00002.safetensors"}}
      """)
    // What publishers lay beside it is passed over.
    try folder.write("{}", to: "consolidated.safetensors.index.json")
    try folder.write("{}", to: "model.fp32.safetensors.index.json")
    for path in [index, folder.path] {
      let checkpoint = try Checkpoint.open(path)
      #expect(checkpoint.tensors.map(\.name) == ["a", "b", "c"])
      #expect(checkpoint.tensors["c"]?.file == 1)
    }
    let shard = folder.path + "/model-00001-of-00002.safetensors"
    #expect(
      refusal(shard) == "\(shard): one of 2 shards: give the folder or the index JSON instead")
  }

  static let badIndices: [(String, String)] = [
    ("[", "invalid JSON at byte 1: unexpected end"),
    ("[]", "weight_map is missing or not an object"),
    ("{}", "weight_map is missing or not an object"),
    ("{\"weight_map\":[]}", "weight_map is missing or not an object"),
    ("{\"weight_map\":{\"a\":1}}", "weight_map: the shard of tensor \"a\" is not a string"),
    ("{\"weight_map\":{\"a\":\"\"}}", "weight_map: \"\" is not a plain file name"),
    ("{\"weight_map\":{\"a\":\"..\"}}", "weight_map: \"..\" is not a plain file name"),
    (
      "{\"weight_map\":{\"a\":\"../x.safetensors\"}}",
      "weight_map: \"../x.safetensors\" is not a plain file name"
    ),
    (
      "{\"weight_map\":{\"a\":\"/etc/x.safetensors\"}}",
      "weight_map: \"/etc/x.safetensors\" is not a plain file name"
    ),
    (
      "{\"weight_map\":{\"a\":\"sub/x.safetensors\"}}",
      "weight_map: \"sub/x.safetensors\" is not a plain file name"
    ),
    (
      "{\"weight_map\":{\"a\":\"a\\\\b.safetensors\"}}",
      "weight_map: \"a\\b.safetensors\" is not a plain file name"
    ),
    (
      "{\"weight_map\":{\"a\":\"x\\u0000.safetensors\"}}",
      "weight_map: \"x\u{FFFD}.safetensors\" is not a plain file name"
    ),
    (
      "{\"weight_map\":{\"a\":\"pytorch_model.bin\"}}",
      "weight_map: \"pytorch_model.bin\" is not a .safetensors file"
    ),
    (
      "{\"weight_map\":{\"a\":\"none.safetensors\"}}", "shard \"none.safetensors\" is missing"
    ),
    (
      "{\"weight_map\":{\"a\":\"twin.safetensors\",\"b\":\"model-00001-of-00002.safetensors\"}}",
      "tensor \"a\" is in two shards, \"model-00001-of-00002.safetensors\" and"
        + " \"twin.safetensors\""
    ),
  ]

  @Test(arguments: badIndices)
  func refusesIndex(text: String, message: String) throws {
    try folder.write(SafetensorsBuilder.vectors(["a"]), to: "twin.safetensors")
    let index = try writeShards(text)
    #expect(refusal(index) == "\(index): \(message)")
  }

  /// What a shard lacks is missed by those who need it, and what lies in another one is found.
  @Test func indicesMayPromiseTooMuch() throws {
    let index = try writeShards(
      """
      {"weight_map":{"a":"model-00001-of-00002.safetensors","d":"model-00001-of-00002.safetensors",
      "c":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}
      """)
    let checkpoint = try Checkpoint.open(index)
    #expect(checkpoint.tensors["c"] != nil && checkpoint.tensors["d"] == nil)
  }

  // MARK: What is refused

  @Test func refusesWhatIsMissing() throws {
    #expect(refusal("none.gguf") == "none.gguf: no such file")
    #expect(
      refusal("org/none")
        == "org/none: no such file or folder, and no \"org/none\" in the Hugging Face cache /none")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint.open("none.gguf") }
    #expect(error?.isMissingInput == true)
  }

  @Test(arguments: ["pytorch_model.bin", "model.pt", "model.pth", "model.ckpt"])
  func refusesPickle(name: String) throws {
    let path = try folder.write("PK", to: name)
    let message =
      "\(path): pickle files are never read because reading them can run code; convert once with"
      + " transformers: AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW)"
    #expect(refusal(path) == message)
    #expect(refusal(folder.path) == message)
  }

  @Test func refusesIndexOfPickles() throws {
    let path = try folder.write("{}", to: "pytorch_model.bin.index.json")
    #expect(refusal(folder.path).hasPrefix("\(path): pickle files are never read"))
  }

  @Test func refusesAdapters() throws {
    try folder.write("{}", to: "adapter_config.json")
    try folder.write("", to: "adapter_model.safetensors")
    #expect(
      refusal(folder.path)
        == "\(folder.path): a LoRA adapter, not a model: merge it into its base model with PEFT's"
        + " merge_and_unload() and save that")
  }

  @Test(arguments: ["tokenizer.json", "tokenizer.model"])
  func refusesTokenizers(name: String) throws {
    let path = try folder.write("{}", to: name)
    #expect(refusal(path).hasPrefix("\(path): a tokenizer, not a model: tokenize reads it"))
  }

  @Test func refusesOtherFiles() throws {
    let text = try folder.write("hello", to: "notes.txt")
    #expect(
      refusal(text)
        == "\(text): a text, not a model: expected .safetensors, .gguf, an index JSON or a folder")
    #expect(
      refusal(folder.path)
        == "\(folder.path): no model in this folder, but texts such as notes.txt: expected model.safetensors,"
        + " model.safetensors.index.json or a .gguf file")
  }

  @Test func refusesFolderOfSeveralModels() throws {
    try folder.write(GGUFBuilder.sound.bytes, to: "a.gguf")
    try folder.write(GGUFBuilder.sound.bytes, to: "b.gguf")
    #expect(
      refusal(folder.path)
        == "\(folder.path): several models in this folder, name one of them: a.gguf, b.gguf")
  }

  /// Naming one of them would lead back to the folder.
  @Test(arguments: [["model-00001-of-00002", "model-00002-of-00002"], ["model-00002-of-00002"]])
  func refusesShardsWithoutIndex(names: [String]) throws {
    for name in names {
      try folder.write(SafetensorsBuilder.vectors(["a"]), to: "\(name).safetensors")
    }
    #expect(
      refusal(folder.path)
        == "\(folder.path)/\(names[0]).safetensors: one of 2 shards, but"
        + " model.safetensors.index.json, which names them all, is missing")
  }

  @Test func refusesSplitGGUFWithoutItsFirstPart() throws {
    let path = try folder.write(GGUFBuilder.sound.bytes, to: "m-00002-of-00002.gguf")
    for given in [path, folder.path] {
      #expect(
        refusal(given)
          == "\(folder.path)/m-00001-of-00002.gguf: part 1 of 2 of a split GGUF file is missing")
    }
  }

  @Test func refusesLinksToNothing() throws {
    let link = folder.path + "/model.safetensors"
    let target = folder.path + "/blob"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "blob")
    let message = "\(link): a symbolic link to a file that does not exist"
    #expect(refusal(link) == message)
    #expect(refusal(folder.path) == message)
    let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(link) }
    #expect(error?.isMissingInput == true)
    try SafetensorsBuilder.vectors(["a"]).withUnsafeBytes {
      try Data($0).write(to: URL(fileURLWithPath: target))
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/config.json", withDestinationPath: "gone")
    #expect(
      refusal(folder.path)
        == "\(folder.path)/config.json: a symbolic link to a file that does not exist")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/tokenizer.json", withDestinationPath: "gone")
    let tokenizer = #expect(throws: TokenizerError.self) {
      try Tokenizer.load(directory: folder.path)
    }
    #expect(
      tokenizer?.description
        == "\(folder.path)/tokenizer.json: a symbolic link to a file that does not exist")
    #expect(tokenizer?.isMissingInput == true)
  }

  /// Meta's and Mistral's own files: `consolidated.safetensors` or `.pth` beside `params.json`.
  @Test(arguments: ["consolidated.safetensors", "consolidated.00.pth", "none.txt"])
  func refusesPublishersLayout(weights: String) throws {
    try folder.write(SafetensorsBuilder.vectors(["a"]), to: weights)
    try folder.write("{}", to: "params.json")
    #expect(
      refusal(folder.path)
        == "\(folder.path)/config.json: not found; params.json and consolidated weights are the"
        + " publisher's own layout, use the model in Hugging Face layout")
  }

  @Test func refusesGitLFSPointer() throws {
    let path = try folder.write(
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", to: "model.safetensors")
    #expect(
      refusal(path)
        == "\(path): a Git LFS pointer, not the weights: fetch them with \"git lfs pull\"")
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    for name in ["tokenizer.model", "tokenizer.json"] {
      let file = try folder.write(pointer, to: name)
      let error = #expect(throws: TokenizerError.self) {
        try Tokenizer.load(directory: folder.path)
      }
      #expect(
        error?.description
          == "\(file): a Git LFS pointer, not the tokenizer: fetch it with \"git lfs pull\"")
    }
  }

  @Test func refusesMissingAndBrokenConfiguration() throws {
    let path = try folder.write(SafetensorsBuilder.vectors(["a"]), to: "model.safetensors")
    let configuration = folder.path + "/config.json"
    #expect(
      refusal(path) == "\(configuration): not found; it must lie beside the weights")
    try folder.write("{\"a\":}", to: "config.json")
    #expect(
      refusal(path) == "\(configuration): invalid JSON at byte 5: unexpected byte '}'")
    try folder.write("[]", to: "config.json")
    #expect(refusal(path) == "\(configuration): not a JSON object")
  }

  @Test(arguments: [
    ("{\"quantization_config\":{\"quant_method\":\"awq\"}}", "AWQ"),
    ("{\"quantization_config\":{\"quant_method\":\"gptq\"}}", "GPTQ"),
    ("{\"quantization_config\":{\"quant_method\":\"bitsandbytes\"}}", "bitsandbytes"),
    ("{\"quantization_config\":{\"load_in_4bit\":true}}", "bitsandbytes"),
    ("{\"quantization_config\":{\"quant_method\":\"compressed-tensors\"}}", "compressed-tensors"),
    ("{\"text_config\":{\"quantization_config\":{\"quant_method\":\"awq\"}}}", "AWQ"),
    ("{\"quantization_config\":{}}", "an unnamed scheme"),
    (
      """
      {"quantization_config":{"quant_method":"compressed-tensors","format":"pack-quantized"}}
      """, "compressed-tensors (pack-quantized)"
    ),
  ])
  func refusesQuantizedWeights(configuration: String, scheme: String) throws {
    try writeModel("q/model.safetensors", configuration: configuration)
    #expect(
      refusal(folder.path + "/q")
        == "\(folder.path)/q/config.json: quantization_config: weights quantized with \(scheme)"
        + " cannot be read; use the original checkpoint or a GGUF file of it")
  }

  @Test(arguments: [
    (#""compression_config":{"quant_method":"compressed-tensors"}"#, "compressed-tensors"),
    (#""quantization":{"group_size":64,"bits":4}"#, "MLX (4 bits)"),
    (#""text_config":{"quantization":{"group_size":32,"bits":8,"mode":"affine"}}"#, "MLX (8 bits)"),
  ])
  func namesTheFieldThatSaysSo(fields: String, scheme: String) throws {
    try writeModel("q/model.safetensors", configuration: "{\(fields)}")
    let field = fields.contains("compression") ? "compression_config" : "quantization"
    #expect(
      refusal(folder.path + "/q").contains(
        "config.json: \(field): weights quantized with \(scheme) cannot be read; use"))
  }

  @Test(arguments: [
    (["l.qweight", "l.qzeros"], "GPTQ or AWQ"), (["l.weight", "l.weight.absmax"], "bitsandbytes"),
    (["l.weight", "l.SCB"], "bitsandbytes"), (["l.weight_packed"], "compressed-tensors"),
    (["l.q_weight", "l.q_scale"], "EXL2"), (["l.W_q"], "HQQ"),
  ])
  func refusesPackedWeightsWithoutConfiguration(tensors: [String], scheme: String) throws {
    try writeModel("q/model.safetensors", tensors: tensors)
    #expect(
      refusal(folder.path + "/q").contains("config.json: weights quantized with \(scheme) cannot"))
  }

  @Test func knowsMLXByItsTensors() throws {
    func write(_ type: String) throws {
      let header = """
        {"l.weight":{"dtype":"\(type)","shape":[1],"data_offsets":[0,4]},\
        "l.scales":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}
        """
      let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
      try folder.write(
        length + Array(header.utf8) + [UInt8](repeating: 0, count: 8), to: "q/model.safetensors")
    }
    try folder.write("{}", to: "q/config.json")
    try write("U32")
    #expect(refusal(folder.path + "/q").contains("config.json: weights quantized with MLX cannot"))
    try write("F32")
    #expect(throws: Never.self) { try Checkpoint.open(folder.path + "/q") }
  }

  @Test(arguments: [
    ("l.weight", "l.weight_scale", true), ("l.weight", "l.weight_scale_inv", true),
    ("l.weight", "l.input_scale", false), ("l.weight", "l.scale", false), ("l", "l_scale", true),
    ("l", "l_scale_inv", true), ("l.weight", nil, true), ("l.weight", "m.weight_scale", true),
  ])
  func refusesFP8WithUnknownScales(tensor: String, scale: String?, isRead: Bool) throws {
    for type in ["F8_E4M3", "F8_E5M2"] {
      let tensors =
        [SafetensorsBuilder.tensor(tensor, type, at: "[0,2]")]
        + (scale.map { [SafetensorsBuilder.tensor($0, shape: "[1]", at: "[2,6]")] } ?? [])
      try folder.write(
        SafetensorsBuilder.file(
          "{\(tensors.joined(separator: ","))}", data: scale == nil ? 2 : 6),
        to: "f/model.safetensors")
      try folder.write("{}", to: "f/config.json")
      if !isRead {
        #expect(
          refusal(folder.path + "/f").contains("quantized with FP8 and scales cannot be read"))
      } else {
        #expect(try Checkpoint.open(folder.path + "/f").tensors[tensor] != nil)
      }
    }
  }

  @Test func acceptsConfigurationOfNoQuantization() throws {
    try writeModel("f/model.safetensors", configuration: "{\"quantization_config\":null}")
    #expect(try Checkpoint.open(folder.path + "/f").tensors.count == 2)
  }

  // MARK: Fingerprint

  /// Covers the header and the edges of every tensor, and nothing else: not where the file lies,
  /// not what is between the edges.
  @Test func fingerprintCoversHeaderAndEdges() throws {
    let header = "{" + SafetensorsBuilder.tensor("a", "U8", shape: "[20000]", at: "[0,20000]") + "}"
    let bytes = SafetensorsBuilder.file(header, data: 20_000)
    func fingerprint(_ name: String, changing offset: Int?) throws -> String {
      var bytes = bytes
      if let offset { bytes[bytes.count - 20_000 + offset] = 1 }
      try folder.write("{}", to: "\(name)/config.json")
      try folder.write(bytes, to: "\(name)/model.safetensors")
      return try Checkpoint.open(folder.path + "/" + name).fingerprint()
    }
    let original = try fingerprint("a", changing: nil)
    #expect(original.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    var expected = SHA256()
    expected.update(Array(bytes.dropLast(20_000)))
    expected.update([UInt8](repeating: 0, count: 8192))
    #expect(original == expected.finalize())
    #expect(try fingerprint("b", changing: nil) == original)
    #expect(try fingerprint("c", changing: 10_000) == original)
    #expect(try fingerprint("d", changing: 4095) != original)
    #expect(try fingerprint("e", changing: 20_000 - 4096) != original)
  }
}
