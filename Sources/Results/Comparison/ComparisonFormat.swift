import ModelFiles

/// `compare.json` and its tables: keys, their order, and what is read back.
enum ComparisonFormat {
  static let schema = "alr-compare/1"

  static func json(_ comparison: ScoreComparison) -> JSONValue {
    [
      "schema": .string(schema),
      "kind": "scores",
      "tool": .string(comparison.tool),
      "model": comparison.model.json,
      "corpus": comparison.corpus.json,
      "protocol": json(comparison.protocolSummary),
      "scores": .array(comparison.scores.map(JSONValue.string)),
      "overall": json(comparison.overall, comparison),
      "layers": .array(comparison.layers.map { json($0, comparison) }),
      "kv_heads": .array(comparison.kvHeads.map { json($0, comparison) }),
    ]
  }

  static func json(_ summary: ProtocolSummary) -> JSONValue {
    [
      "query": .string(summary.query),
      "precision": .string(summary.precision),
      "isa": .string(summary.isa),
      "rope": summary.rope.map(JSONValue.string) ?? .null,
    ]
  }

  private static func json(_ place: ComparedPlace, _ comparison: ScoreComparison) -> JSONValue {
    func name(_ score: Int?) -> JSONValue {
      score.map { .string(comparison.scores[$0]) } ?? .null
    }
    var members: [JSONValue.Member] = []
    if let layer = place.layer { members.append(.init("layer", .int(layer))) }
    if let kvHead = place.kvHead { members.append(.init("kv_head", .int(kvHead))) }
    members += [
      .init("best", name(place.best?.score)),
      .init("runner_up", name(place.best?.runnerUp)),
      .init("margin", .double(place.best?.margin)),
      .init("margin_se", .double(place.best?.marginSE)),
      .init("clear", place.best?.isClear.map(JSONValue.bool) ?? .null),
      .init(
        "scores",
        .array(
          zip(comparison.scores, place.rows).map { name, row in
            [
              "score": .string(name), "alr": .double(row.alr), "alr_se": .double(row.alrSE),
              "alr_normalized": .double(row.alrNormalized), "alr_ratio": .double(row.alrRatio),
              "alr_ratio_se": .double(row.alrRatioSE), "rank": JSONValue(row.rank),
            ]
          })),
    ]
    return .object(members)
  }

  /// A row a place and score; lines end in CR LF, what is undefined is empty.
  static func table(
    _ places: [ComparedPlace], _ comparison: ScoreComparison, isByHead: Bool
  ) -> String {
    func cell(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "" }
    let head =
      ["layer"] + (isByHead ? ["kv_head"] : [])
      + ["score", "alr", "alr_se", "alr_normalized", "alr_ratio", "alr_ratio_se", "rank"]
    let rows = places.flatMap { place in
      zip(comparison.scores, place.rows).map { name, row in
        [cell(place.layer)] + (isByHead ? [cell(place.kvHead)] : [])
          + [
            name, cell(row.alr), cell(row.alrSE), cell(row.alrNormalized), cell(row.alrRatio),
            cell(row.alrRatioSE), cell(row.rank),
          ]
      }
    }
    return ([head] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// What makes a comparison the one that it is.
  static func identity(
    of document: JSONDocument
  ) throws(ResultsFolderProblem) -> ResultsFolder.Identity {
    let root = ResultField(document.root, path: "result")
    guard document.root.kind == .object else {
      throw .wrongType(field: "result", expected: "an object")
    }
    let found = try root.string("schema")
    guard found == schema else { throw .wrongSchema(printable(found), expected: schema) }
    let settings = try root.member("protocol")
    var scores: [String] = []
    for score in try root.member("scores").elements() {
      guard let name = score.node.string else {
        throw .wrongType(field: score.path, expected: "a string")
      }
      scores.append(name)
    }
    return ResultsFolder.Identity(
      model: try ModelSummary(root.member("model")),
      corpus: try CorpusSummary(root.member("corpus")),
      protocolSummary: ProtocolSummary(
        query: try settings.string("query"), score: scores.joined(separator: " "),
        precision: try settings.string("precision"), isa: try settings.string("isa"),
        rope: try settings.optionalString("rope")))
  }
}

extension ScoreComparison {
  /// The text of `compare.json`.
  public var json: String { JSONWriter.string(of: ComparisonFormat.json(self)) }

  var identity: ResultsFolder.Identity {
    var summary = protocolSummary
    summary.score = scores.joined(separator: " ")
    return ResultsFolder.Identity(model: model, corpus: corpus, protocolSummary: summary)
  }
}
