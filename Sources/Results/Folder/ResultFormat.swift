import ModelFiles

extension AnalysisResult {
  /// The text of `result.json`.
  public var json: String { JSONWriter.string(of: ResultFormat.json(self)) }
}

/// `result.json`: keys, their order, and how the values of a run become JSON.
enum ResultFormat {
  static let schema = "alr-result/1"

  static func json(_ result: AnalysisResult) -> JSONValue {
    [
      "schema": .string(schema),
      "tool": .string(result.tool),
      "model": result.model.json,
      "corpus": result.corpus.json,
      "protocol": json(result.protocolSummary),
      "heads": .array(result.heads.map(json)),
      "kv_heads": .array(result.kvHeads.map(json)),
      "layers": .array(result.layers.map(json)),
      "recommendation": json(result.recommendation),
    ]
  }

  private static func json(_ summary: ProtocolSummary) -> JSONValue {
    .object(
      [
        .init("query", .string(summary.query)),
        .init("score", .string(summary.score)),
        .init("precision", .string(summary.precision)),
        .init("isa", .string(summary.isa)),
        .init("rope", summary.rope.map(JSONValue.string) ?? .null),
      ] + (summary.hasOutputError ? [.init("output_error", .bool(true))] : []))
  }

  private static func json(_ head: HeadResult) -> JSONValue {
    .object(
      [
        .init("layer", .int(head.layer)),
        .init("head", .int(head.head)),
        .init("kv_head", .int(head.kvHead)),
      ] + members(head.measures))
  }

  private static func json(_ kvHead: KVHeadResult) -> JSONValue {
    .object(
      [
        .init("layer", .int(kvHead.layer)),
        .init("kv_head", .int(kvHead.kvHead)),
      ] + members(kvHead.measures))
  }

  private static func members(_ measures: Measures) -> [JSONValue.Member] {
    MeasureField.all.map { .init($0.name, .double(measures[keyPath: $0.value])) }
  }

  private static func json(_ layer: LayerResult) -> JSONValue {
    [
      "layer": .int(layer.layer),
      "n": .int(layer.n),
      "window": JSONValue(layer.window),
      "kv_source": JSONValue(layer.kvSource),
      "alr": .double(layer.alr),
      "alr_se": .double(layer.alrSE),
      "alr_normalized": .double(layer.alrNormalized),
      "alr_ratio": .double(layer.alrRatio),
      "alr_ratio_se": .double(layer.alrRatioSE),
    ]
  }

  private static func json(_ recommendation: Recommendation) -> JSONValue {
    [
      "layers": .array(recommendation.layers.map(json)),
      "reasons": .array(recommendation.reasons.map(JSONValue.string)),
    ]
  }

  private static func json(_ advice: LayerAdvice) -> JSONValue {
    [
      "layer": .int(advice.layer),
      "answer": advice.answer.map { .string($0.rawValue) } ?? .null,
      "kv_alr_ratio": .double(advice.ratio),
      "kv_alr_ratio_low": .double(advice.low),
      "kv_alr_ratio_high": .double(advice.high),
      "stands_out": .double(advice.standsOut),
      "chunks_needed": JSONValue(advice.chunksNeeded),
      "heads_answer": advice.headsAnswer.map { .string($0.rawValue) } ?? .null,
    ]
  }
}
