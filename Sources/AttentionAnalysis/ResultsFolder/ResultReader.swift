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
    let model = try model(root.member("model"))
    let corpus = try corpus(root.member("corpus"))
    let layers = try layers(root.member("layers"), model, corpus)
    let heads = try heads(root.member("heads"), model)
    let kvHeads = try kvHeads(root.member("kv_heads"), model)
    let run = try root.member("protocol")
    let protocolSummary = ProtocolSummary(
      query: try run.string("query"), score: try run.string("score"),
      precision: try run.string("precision"), isa: try run.string("isa"),
      rope: try run.optionalString("rope"))
    guard QuerySelection(protocolSummary.query) != nil else {
      throw .inconsistent(field: "protocol.query", expected: QuerySelection.spellings)
    }
    return Contents(
      tool: try root.string("tool"), model: model, corpus: corpus,
      protocolSummary: protocolSummary, heads: heads, kvHeads: kvHeads, layers: layers,
      recommendation: try recommendation(root.member("recommendation"), layers))
  }

  static func model(_ field: ResultField) throws(ResultsFolderProblem) -> ModelSummary {
    let model = ModelSummary(
      name: try field.string("name"), architecture: try field.string("architecture"),
      layers: try field.count("layers", 1...), heads: try field.count("heads", 1...),
      kvHeads: try field.count("kv_heads", 1...), headDim: try field.count("head_dim", 1...),
      parameters: try field.count("parameters", 0...),
      fingerprint: try field.string("fingerprint"))
    guard model.heads % model.kvHeads == 0 else {
      throw .inconsistent(field: "model.kv_heads", expected: "a divisor of model.heads")
    }
    return model
  }

  private static func corpus(_ field: ResultField) throws(ResultsFolderProblem) -> CorpusSummary {
    CorpusSummary(
      name: try field.string("name"), tokens: try field.count("tokens", 0...),
      chunks: try field.count("chunks", 1...),
      chunkLength: try field.count("chunk_length", 1...), bos: try field.bool("bos"),
      fingerprint: try field.string("fingerprint"))
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
    Measures(
      alr: try row.double("alr"), alrSD: try row.double("alr_sd"),
      alrSE: try row.double("alr_se"), alrNormalized: try row.double("alr_normalized"),
      randomALR: try row.double("random_alr"), alrRatio: try row.double("alr_ratio"),
      alrRatioSE: try row.double("alr_ratio_se"), spearman: try row.double("spearman"))
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
          alrRatioSE: try row.double("alr_ratio_se"), skip: try row.bool("skip")))
    }
    return layers
  }

  private static func recommendation(
    _ field: ResultField, _ layers: [LayerResult]
  ) throws(ResultsFolderProblem) -> Recommendation {
    var skipped: [Int] = []
    for row in try field.member("layers").elements() {
      guard let layer = row.node.int, layers.indices.contains(layer) else {
        throw .wrongType(field: row.path, expected: "a layer of the model")
      }
      skipped.append(layer)
    }
    guard skipped == layers.filter(\.skip).map(\.layer) else {
      throw .inconsistent(field: "recommendation.layers", expected: "the layers with skip set")
    }
    var reasons: [String] = []
    for row in try field.member("reasons").elements() {
      guard let reason = row.node.string else {
        throw .wrongType(field: row.path, expected: "a string")
      }
      reasons.append(reason)
    }
    return Recommendation(layers: skipped, rule: try field.string("rule"), reasons: reasons)
  }
}

/// A JSON value and where it stands, for messages.
struct ResultField {
  let node: JSONNode
  let path: String

  init(_ node: JSONNode, path: String) {
    self.node = node
    self.path = path
  }

  func member(_ key: String) throws(ResultsFolderProblem) -> ResultField {
    let path = path == "result" ? key : "\(path).\(key)"
    guard let node = node[key] else { throw .missingField(path) }
    return ResultField(node, path: path)
  }

  func elements() throws(ResultsFolderProblem) -> [ResultField] {
    guard node.kind == .array else { throw .wrongType(field: path, expected: "an array") }
    return node.elements.enumerated().map { ResultField($1, path: "\(path)[\($0)]") }
  }

  /// The elements of an array that has one for each pair of `outer` and `inner`.
  func rows(_ outer: Int, _ inner: Int) throws(ResultsFolderProblem) -> [ResultField] {
    let elements = try elements()
    let (count, overflow) = outer.multipliedReportingOverflow(by: inner)
    guard !overflow, elements.count == count else {
      throw .inconsistent(field: path, expected: "\(outer) x \(inner) rows, not \(elements.count)")
    }
    return elements
  }

  func string(_ key: String) throws(ResultsFolderProblem) -> String {
    let field = try member(key)
    guard let value = field.node.string else {
      throw .wrongType(field: field.path, expected: "a string")
    }
    return value
  }

  /// `nil` for `null`, and in files from before there was such a key.
  func optionalString(_ key: String) throws(ResultsFolderProblem) -> String? {
    guard let node = node[key], !node.isNull else { return nil }
    return try string(key)
  }

  func bool(_ key: String) throws(ResultsFolderProblem) -> Bool {
    let field = try member(key)
    guard let value = field.node.bool else {
      throw .wrongType(field: field.path, expected: "true or false")
    }
    return value
  }

  /// `nil` for `null`.
  func double(_ key: String) throws(ResultsFolderProblem) -> Double? {
    let field = try member(key)
    if field.node.isNull { return nil }
    guard let value = field.node.double else {
      throw .wrongType(field: field.path, expected: "a finite number or null")
    }
    return value
  }

  func count(
    _ key: String, _ range: some RangeExpression<Int>
  ) throws(ResultsFolderProblem) -> Int {
    let field = try member(key)
    guard let value = field.node.int, range.contains(value) else {
      throw .wrongType(field: field.path, expected: "a whole number in its range")
    }
    return value
  }

  /// `nil` for `null`.
  func optionalCount(
    _ key: String, _ range: some RangeExpression<Int>
  ) throws(ResultsFolderProblem) -> Int? {
    try member(key).node.isNull ? nil : count(key, range)
  }

  func expect(_ key: String, _ value: Int) throws(ResultsFolderProblem) {
    let field = try member(key)
    guard field.node.int == value else {
      throw .inconsistent(field: field.path, expected: "\(value)")
    }
  }
}
