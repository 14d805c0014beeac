import ModelFiles

extension CompressionPlan {
  /// `plan.json`.
  public var json: String {
    var members: [JSONValue.Member] = [
      .init("schema", .string(Self.schema)),
      .init("tool", .string(tool)),
      .init("model", ["name": .string(modelName), "fingerprint": .string(modelFingerprint)]),
    ]
    if let origin {
      members.append(.init("source", .string(origin.source)))
      if let source = origin.sensitivitySource {
        members.append(.init("sensitivity_source", .string(source)))
      }
      members += [
        .init("rule", .string(origin.rule)),
        .init("objective", .string(origin.objective)),
      ]
    }
    members.append(.init("score", .string(score)))
    if let origin { members.append(.init("saved", .double(origin.saved))) }
    members += [
      .init("kind", .string(kind.rawValue)), .init("layers", .array(layersJSON)),
    ]
    if let origin { members.append(.init("predicted", origin.predicted.json)) }
    return String(decoding: JSONWriter.bytes(of: .object(members)), as: UTF8.self)
  }

  private var layersJSON: [JSONValue] {
    zip(keepRatios, layerRatios).enumerated().map { layer, shares in
      let (ratios, ratio) = shares
      var row: [JSONValue.Member] = [
        .init("layer", .int(layer)), .init("keep_ratio", .double(ratio)),
      ]
      if kind == .headBudgets {
        row.append(
          .init(
            "kv_heads",
            .array(
              ratios.enumerated().map {
                ["kv_head": .int($0), "keep_ratio": .double($1)]
              })))
      }
      return .object(row)
    }
  }
}

extension PlanPrediction {
  var json: JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map(JSONValue.double) ?? .null }
    return .object(
      PlanObjective.inFiles.map { objective in
        .init(
          objective.fieldName,
          [
            "made_on": number(self[objective]?.madeOn), "others": number(self[objective]?.others),
          ])
      })
  }
}
