import ModelFiles

// The model as `result.json` and `capture.json` both name it.

extension ModelSummary {
  var json: JSONValue {
    [
      "name": .string(name),
      "architecture": .string(architecture),
      "layers": .int(layers),
      "heads": .int(heads),
      "kv_heads": .int(kvHeads),
      "head_dim": .int(headDim),
      "parameters": .int(parameters),
      "fingerprint": .string(fingerprint),
    ]
  }

  init(_ field: ResultField) throws(ResultsFolderProblem) {
    self.init(
      name: try field.string("name"), architecture: try field.string("architecture"),
      layers: try field.count("layers", 1...), heads: try field.count("heads", 1...),
      kvHeads: try field.count("kv_heads", 1...), headDim: try field.count("head_dim", 1...),
      parameters: try field.count("parameters", 0...),
      fingerprint: try field.string("fingerprint"))
    guard heads % kvHeads == 0 else {
      throw .inconsistent(field: "model.kv_heads", expected: "a divisor of model.heads")
    }
  }
}
