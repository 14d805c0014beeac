import Foundation
import Inference
import ModelFiles

extension Command {
  /// `inspect MODEL`: what a model is and what a run of it will need.
  static let inspect = Command(
    spec: CommandSpec(
      name: "inspect",
      summary: "show architecture, sizes, tokenizer and the memory that a run will need",
      positionals: [.model],
      options: [
        .chunkLength,
        .precision,
        .rope,
        .pre,
        .flag("json", "print a JSON object"),
      ],
      examples: ["alr-analyze inspect ./SmolLM2-135M"]),
    run: { arguments, console in
      let length = try arguments.chunkLength()
      let model = try Model.open(arguments.positionals[0], rotary: arguments.rope())
      let checkpoint = model.checkpoint
      let kernels = try Kernels.chosen(console)
      let inspection = Inspection(
        model: model, kernels: kernels, precision: arguments.precision, chunkLength: length,
        tokenizer: Result { try ModelTokenizer.load(of: checkpoint, pre: arguments.value("pre")) })
      if arguments.has("json") {
        try console.print(.object(inspection.members))
      } else {
        try console.print(inspection.table)
      }
      console.warn(about: model, pre: arguments.value("pre"))
      if case .failure(let error) = inspection.tokenizer { console.warn("\(error)") }
    })
}

/// What there is to say about a model.
private struct Inspection {
  let model: Model
  let kernels: Kernels
  let precision: Precision
  let chunkLength: Int?
  let tokenizer: Result<Tokenizer, any Error>

  var members: [JSONValue.Member] {
    let spec = model.spec
    let length = chunkLength ?? spec.defaultChunkLength
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: precision, pool: WorkerPool(count: 1))
    let known = try? tokenizer.get()
    return [
      .init("name", .string(model.checkpoint.name)),
      .init("architecture", .string(spec.name)),
      .init("format", .string("\(model.checkpoint.format)")),
      .init("files", .array(model.checkpoint.fileNames.map(JSONValue.string))),
      .init("layers", .int(spec.layerCount)),
      .init("heads", .int(spec.headCount)),
      .init("kv_heads", .int(spec.kvHeadCount)),
      .init("head_dim", .int(spec.headDim)),
      .init("hidden_size", .int(spec.hiddenSize)),
      .init("rope", .array(spec.rotaries.map { .string("\($0)") })),
      .init("context", .int(spec.contextLength)),
      .init("vocabulary", .int(spec.vocabularySize)),
      .init("parameters", .int(model.parameterCount)),
      .init("unused_tensors", .int(model.unusedTensors.count)),
      .init("tokenizer_vocabulary", JSONValue(known?.vocabularySize)),
      .init("bos", JSONValue(known?.bosID.map { Int($0) })),
      .init("eos", JSONValue(known?.eosID.map { Int($0) })),
      .init("adds_bos", known.map { .bool($0.automaticBOS != nil) } ?? .null),
      .init("isa", .string(kernels.name)),
      .init("chunk_length", .int(length)),
      .init("bytes_per_chunk", .int(pass.memory(length: length + 1, recordedRows: 1).perChunk)),
      .init("fingerprint", .string(model.checkpoint.fingerprint())),
    ]
  }

  /// A line a member, the values in one column.
  var table: String {
    let rows = members.map { member in
      (member.key.replacingOccurrences(of: "_", with: " "), Self.text(member.value))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name + String(repeating: " ", count: width + 2 - name.count) + value
    }.joined(separator: "\n")
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): Console.line(text)
    case .array(let values) where values.isEmpty: "-"
    case .array(let values): values.map(text).joined(separator: ", ")
    case .null: "-"
    default: JSONWriter.string(of: value, style: .compact)
    }
  }
}
