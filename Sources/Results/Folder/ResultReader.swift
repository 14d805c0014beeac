import ModelFiles

/// Reads `result.json` warily: it may come from anywhere.
///
/// Every count is checked against the rows that are there before anything is sized by it.
struct ResultReader {
  /// All of `result.json`; the arrays stay with their own file.
  struct Contents {
    var tool: String
    var model: ModelSummary
    var corpus: CorpusSummary
    var protocolSummary: ProtocolSummary
    var heads: [HeadResult]
    var kvHeads: [KVHeadResult]
    var layers: [LayerResult]
    var recommendation: Recommendation
  }

  static func read(_ document: JSONDocument) throws(ResultsFolderProblem) -> Contents {
    let root = ResultField(document.root, path: "result")
    guard document.root.kind == .object else {
      throw .wrongType(field: "result", expected: "an object")
    }
    guard let schema = document.root["schema"]?.string else { throw .missingField("schema") }
    guard schema.utf8.elementsEqual(ResultFormat.schema.utf8) else {
      throw .wrongSchema("\"\(schema.prefix(40))\"", expected: ResultFormat.schema)
    }
    let model = try ModelSummary(root.member("model"))
    let corpus = try CorpusSummary(root.member("corpus"))
    let layers = try layers(root.member("layers"), model, corpus)
    let heads = try heads(root.member("heads"), model)
    let kvHeads = try kvHeads(root.member("kv_heads"), model)
    let run = try root.member("protocol")
    let protocolSummary = ProtocolSummary(
      query: try run.string("query"), score: try run.string("score"),
      precision: try run.string("precision"), isa: try run.string("isa"),
      rope: try run.optionalString("rope"),
      hasOutputError: run.node["output_error"] == nil ? false : try run.bool("output_error"))
    guard QuerySelection(protocolSummary.query) != nil else {
      throw .inconsistent(field: "protocol.query", expected: QuerySelection.spellings)
    }
    return Contents(
      tool: try root.string("tool"), model: model, corpus: corpus,
      protocolSummary: protocolSummary, heads: heads, kvHeads: kvHeads, layers: layers,
      recommendation: try recommendation(root.member("recommendation"), model))
  }

  private static func heads(
    _ field: ResultField, _ model: ModelSummary
  ) throws(ResultsFolderProblem) -> [HeadResult] {
    let rows = try field.rows(model.layers, model.heads)
    let groupSize = model.heads / model.kvHeads
    var heads: [HeadResult] = []
    for (i, row) in rows.enumerated() {
      let (layer, head) = i.quotientAndRemainder(dividingBy: model.heads)
      try row.expect("layer", layer)
      try row.expect("head", head)
      try row.expect("kv_head", head / groupSize)
      heads.append(
        HeadResult(
          layer: layer, head: head, kvHead: head / groupSize, measures: try measures(row)))
    }
    return heads
  }

  private static func kvHeads(
    _ field: ResultField, _ model: ModelSummary
  ) throws(ResultsFolderProblem) -> [KVHeadResult] {
    let rows = try field.rows(model.layers, model.kvHeads)
    var kvHeads: [KVHeadResult] = []
    for (i, row) in rows.enumerated() {
      let (layer, kvHead) = i.quotientAndRemainder(dividingBy: model.kvHeads)
      try row.expect("layer", layer)
      try row.expect("kv_head", kvHead)
      kvHeads.append(KVHeadResult(layer: layer, kvHead: kvHead, measures: try measures(row)))
    }
    return kvHeads
  }

  private static func measures(_ row: ResultField) throws(ResultsFolderProblem) -> Measures {
    var measures = Measures()
    for field in MeasureField.all {
      measures[keyPath: field.value] = try row.double(field.name)
    }
    return measures
  }

  private static func layers(
    _ field: ResultField, _ model: ModelSummary, _ corpus: CorpusSummary
  ) throws(ResultsFolderProblem) -> [LayerResult] {
    var layers: [LayerResult] = []
    for (i, row) in try field.rows(model.layers, 1).enumerated() {
      try row.expect("layer", i)
      let window = try row.optionalCount("window", 1...)
      let n = RunShape.candidates(positions: corpus.chunkLength, window: window)
      try row.expect("n", n)
      layers.append(
        LayerResult(
          layer: i, n: n, window: window,
          kvSource: try row.optionalCount("kv_source", 0...model.layers - 1),
          alr: try row.double("alr"), alrSE: try row.double("alr_se"),
          alrNormalized: try row.double("alr_normalized"), alrRatio: try row.double("alr_ratio"),
          alrRatioSE: try row.double("alr_ratio_se")))
    }
    return layers
  }

  private static func recommendation(
    _ field: ResultField, _ model: ModelSummary
  ) throws(ResultsFolderProblem) -> Recommendation {
    var layers: [LayerAdvice] = []
    for (i, row) in try field.member("layers").rows(model.layers, 1).enumerated() {
      guard row.node.kind == .object else {
        throw .wrongType(field: row.path, expected: "an object with an answer")
      }
      try row.expect("layer", i)
      layers.append(try advice(row, layer: i))
    }
    var reasons: [String] = []
    for row in try field.member("reasons").elements() {
      guard let reason = row.node.string else {
        throw .wrongType(field: row.path, expected: "a string")
      }
      reasons.append(reason)
    }
    return Recommendation(layers: layers, reasons: reasons)
  }

  private static func advice(
    _ row: ResultField, layer: Int
  ) throws(ResultsFolderProblem) -> LayerAdvice {
    let advice = LayerAdvice(
      layer: layer, answer: try answer(row, "answer"), ratio: try row.double("kv_alr_ratio"),
      low: try row.double("kv_alr_ratio_low"), high: try row.double("kv_alr_ratio_high"),
      standsOut: try row.double("stands_out"),
      chunksNeeded: try row.optionalCount("chunks_needed", 2...),
      headsAnswer: try answer(row, "heads_answer"))
    guard (advice.answer == nil) == (advice.ratio == nil) else {
      throw .inconsistent(
        field: "\(row.path).answer", expected: "null where kv_alr_ratio is, and only there")
    }
    guard (advice.low == nil) == (advice.high == nil), advice.low ?? 0 <= advice.high ?? 0 else {
      throw .inconsistent(
        field: "\(row.path).kv_alr_ratio_low", expected: "at most kv_alr_ratio_high")
    }
    guard (0...1).contains(advice.standsOut ?? 0) else {
      throw .inconsistent(field: "\(row.path).stands_out", expected: "a share from 0 to 1")
    }
    return advice
  }

  private static func answer(
    _ row: ResultField, _ key: String
  ) throws(ResultsFolderProblem) -> Answer? {
    let field = try row.member(key)
    if field.node.isNull { return nil }
    guard let answer = field.node.string.flatMap(Answer.init(rawValue:)) else {
      throw .wrongType(field: field.path, expected: "skip, compress, unsure or null")
    }
    return answer
  }
}
