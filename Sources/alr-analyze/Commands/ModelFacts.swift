import Foundation
import Inference
import ModelFiles
import Reporting
import Results
import Tokenization

/// What a checkpoint is: for a reader as rows, for programs as members of an object.
struct ModelFacts {
  let checkpoint: Checkpoint
  /// `nil` where the checkpoint cannot be run.
  let model: Model?
  let tokenizer: Result<Tokenizer, any Error>

  /// Tensors of one stored type.
  struct Stored: Equatable {
    let type: StoredType
    var tensors = 0
    var bytes = 0
  }

  /// By falling bytes.
  var stored: [Stored] {
    var byType: [StoredType: Stored] = [:]
    for tensor in checkpoint.tensors {
      byType[tensor.type, default: Stored(type: tensor.type)].tensors += 1
      byType[tensor.type, default: Stored(type: tensor.type)].bytes += tensor.byteCount
    }
    return byType.values.sorted { ($0.bytes, $1.type.name) > ($1.bytes, $0.type.name) }
  }

  private var fileBytes: Int { checkpoint.fileSizes.reduce(0, +) }
}

// MARK: Rows

extension ModelFacts {
  var groups: [[FactSheet.Row]] {
    [[.init("name", Console.line(checkpoint.name))] + architectureRows, weightRows, tokenizerRows]
  }

  private var architectureRows: [FactSheet.Row] {
    guard let spec = model?.spec else { return [] }
    let sharing = spec.groupSize == 1 ? "" : ", each shared by \(spec.groupSize) heads"
    let rotations = spec.rotaries.map { "\($0)" }.joined(separator: "; ")
    return [
      .init("architecture", Console.line(spec.name)),
      .init("layers", "\(spec.layerCount)"),
      .init("heads", "\(spec.headCount) of \(spec.headDim) dimensions"),
      .init("kv heads", "\(spec.kvHeadCount)\(sharing)"),
      .init("hidden size", "\(spec.hiddenSize)"),
      .init("feed-forward", Self.feedForward(spec)),
      .init("rope", rotations.isEmpty ? "none" : rotations),
      .init("context", QuantityText.count(spec.contextLength, "position")),
      .init("windows", Self.windows(spec)),
    ]
  }

  private static func feedForward(_ spec: ArchitectureSpec) -> String {
    let dense = "\(spec.intermediateSize)"
    guard let experts = spec.experts else { return dense }
    let mixture =
      "\(experts.intermediateSize) in each of \(experts.count) experts, \(experts.usedCount) a token"
    let mixed = spec.layers.count(where: \.usesExperts)
    let others = spec.layerCount - mixed
    return others == 0
      ? mixture
      : "\(mixture), in \(mixed) layers; \(dense) in \(others == 1 ? "the other" : "the others")"
  }

  /// For example `1024 in layers 0-4, 6-10; none in layers 5, 11`.
  private static func windows(_ spec: ArchitectureSpec) -> String {
    var layers: [Int?: [Int]] = [:]
    for (index, layer) in spec.layers.enumerated() {
      layers[layer.window, default: []].append(index)
    }
    if layers.count == 1, let only = spec.layers.first {
      return only.window.map { "\(NumberText.grouped($0)) positions in every layer" } ?? "none"
    }
    return layers.sorted { ($0.key ?? .max) < ($1.key ?? .max) }.map { window, layers in
      let size = window.map { "\(NumberText.grouped($0)) positions" } ?? "none"
      return "\(size) in \(layers.count == 1 ? "layer" : "layers") \(NumberRanges.text(layers))"
    }.joined(separator: "; ")
  }

  private var weightRows: [FactSheet.Row] {
    var rows: [FactSheet.Row] = [
      .init(
        "files",
        "\(checkpoint.format), "
          + (checkpoint.fileNames.count == 1
            ? "" : "\(QuantityText.count(checkpoint.fileNames.count, "file")), ")
          + QuantityText.bytes(fileBytes))
    ]
    rows += zip(checkpoint.fileNames, checkpoint.fileSizes).map { name, bytes in
      .init("", "\(Console.line(name)), \(QuantityText.bytes(bytes))")
    }
    if checkpoint.fileNames.count == 1, let name = checkpoint.fileNames.first {
      rows = [
        .init(
          "file",
          "\(Console.line(name)), \(checkpoint.format), \(QuantityText.bytes(fileBytes))")
      ]
    }
    let stored = stored
    rows.append(
      .init("parameters", stored.isEmpty ? "none" : NumberText.grouped(checkpoint.parameterCount)))
    for (index, stored) in stored.enumerated() {
      let value =
        "\(stored.type.name): \(QuantityText.count(stored.tensors, "tensor")), "
        + QuantityText.bytes(stored.bytes)
      rows.append(.init(index == 0 ? "weights" : "", value))
    }
    if let model {
      let unused = model.unusedTensors.count
      rows.append(.init("unused", unused == 0 ? "none" : QuantityText.count(unused, "tensor")))
    }
    return rows + [.init("fingerprint", checkpoint.fingerprint())]
  }

  private var tokenizerRows: [FactSheet.Row] {
    guard let known = try? tokenizer.get() else {
      return [.init("tokenizer", "none that can be used")]
    }
    func named(_ id: Int32?) -> String {
      guard let id else { return "none" }
      return "\(id), " + Console.line(known.piece(id) ?? "no piece")
    }
    let begins = known.automaticBOS.map { $0 == known.bosID ? "" : ": \(named($0))" }
    return [
      .init("tokenizer", "\(known.kind), from \(tokenizerSource)"),
      .init("vocabulary", QuantityText.count(known.vocabularySize, "token")),
      .init("bos", named(known.bosID)),
      .init("eos", named(known.eosID)),
      .init(
        "bos by default",
        begins.map { "put in front of every chunk\($0)" } ?? "not put in front of chunks"),
    ]
  }

  /// What the tokenizer is read from.
  private var tokenizerSource: String {
    guard let metadata = checkpoint.gguf else {
      return Tokenizer.files(inFolder: checkpoint.directory).joined(separator: " and ")
    }
    let pre = metadata.string("tokenizer.ggml.pre").map { ", splits as \(Console.line($0))" }
    return "the file itself" + (pre ?? "")
  }
}

// MARK: JSON

extension ModelFacts {
  var members: [JSONValue.Member] {
    [
      .init("name", .string(checkpoint.name)),
      .init("format", .string("\(checkpoint.format)")),
      .init(
        "files",
        .array(
          zip(checkpoint.fileNames, checkpoint.fileSizes).map { name, bytes in
            ["name": .string(name), "bytes": .int(bytes)]
          })),
      .init("parameters", .int(checkpoint.parameterCount)),
      .init(
        "weights",
        .array(
          stored.map {
            [
              "type": .string($0.type.name), "tensors": .int($0.tensors), "bytes": .int($0.bytes),
            ]
          })),
      .init("fingerprint", .string(checkpoint.fingerprint())),
    ] + architectureMembers + [.init("tokenizer", tokenizerMember)]
  }

  private var architectureMembers: [JSONValue.Member] {
    guard let model else { return [] }
    let spec = model.spec
    let experts: JSONValue? = spec.experts.map {
      [
        "count": .int($0.count), "used": .int($0.usedCount),
        "intermediate_size": .int($0.intermediateSize),
        "layers": .int(spec.layers.count(where: \.usesExperts)),
      ]
    }
    return [
      .init("architecture", .string(spec.name)),
      .init("multimodal", JSONValue(model.multimodalType)),
      .init("layers", .int(spec.layerCount)),
      .init("heads", .int(spec.headCount)),
      .init("kv_heads", .int(spec.kvHeadCount)),
      .init("head_dim", .int(spec.headDim)),
      .init("hidden_size", .int(spec.hiddenSize)),
      .init("intermediate_size", .int(spec.intermediateSize)),
      .init("experts", experts ?? .null),
      .init("rope", .array(spec.rotaries.map { .string("\($0)") })),
      .init("context", .int(spec.contextLength)),
      .init("windows", .array(spec.layers.map { JSONValue($0.window) })),
      .init("vocabulary", .int(spec.vocabularySize)),
      .init("unused_tensors", .int(model.unusedTensors.count)),
    ]
  }

  private var tokenizerMember: JSONValue {
    guard let known = try? tokenizer.get() else { return .null }
    func token(_ id: Int32?) -> JSONValue {
      guard let id else { return .null }
      return ["id": .int(Int(id)), "piece": JSONValue(known.piece(id))]
    }
    return [
      "kind": .string(known.kind), "vocabulary": .int(known.vocabularySize),
      "bos": token(known.bosID), "eos": token(known.eosID),
      "puts_in_front": token(known.automaticBOS),
    ]
  }
}
