import ModelFiles

/// The file of an evaluation, `lm.json` and the like: keys, their order, and how it is read back.
enum EvaluationFormat {
  static let schema = "alr-evaluation/1"

  static func json(_ evaluation: Evaluation) -> JSONValue {
    let comparisons: [JSONValue.Member] =
      evaluation.comparisons.isEmpty
      ? [] : [.init("comparisons", .array(evaluation.comparisons.map(\.json)))]
    return .object(members(evaluation) + comparisons)
  }

  private static func members(_ evaluation: Evaluation) -> [JSONValue.Member] {
    [
      .init("schema", .string(schema)),
      .init("kind", .string(evaluation.kind.rawValue)),
      .init("tool", .string(evaluation.tool)),
      .init("model", evaluation.model.json),
      .init("corpus", evaluation.corpus?.json ?? .null),
      .init(
        "protocol", .object(evaluation.protocolFacts.map { .init($0.name, .string($0.value)) })),
      .init("settings", .array(evaluation.settings.map(\.json))),
      .init("cells", .array(evaluation.cells.map(json))),
    ]
  }

  private static func json(_ cell: Evaluation.Cell) -> JSONValue {
    [
      "setting": .int(cell.setting),
      "at": .object(
        cell.coordinates.map { coordinate in
          switch coordinate.value {
          case .number(let number): .init(coordinate.name, .double(number))
          case .name(let name): .init(coordinate.name, .string(name))
          }
        }),
      "count": .int(cell.count),
      "scores": .object(
        cell.scores.map { score in
          .init(
            score.name,
            [
              "mean": .double(score.mean), "sd": .double(score.deviation),
              "se": .double(score.error),
            ])
        }),
    ]
  }

  /// Reads warily: everything but `tokens`.
  static func read(_ document: JSONDocument) throws(ResultsFolderProblem) -> Evaluation {
    let root = ResultField(document.root, path: "result")
    guard document.root.kind == .object else {
      throw .wrongType(field: "result", expected: "an object")
    }
    guard let found = document.root["schema"]?.string else { throw .missingField("schema") }
    guard found.utf8.elementsEqual(schema.utf8) else {
      throw .wrongSchema("\"\(found.prefix(40))\"", expected: schema)
    }
    guard let kind = Evaluation.Kind(rawValue: try root.string("kind")) else {
      throw .wrongType(
        field: "kind",
        expected: "one of \(Evaluation.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    var facts: [Evaluation.Fact] = []
    for member in try members(root.member("protocol")) {
      guard let value = member.node.string else {
        throw .wrongType(field: member.path, expected: "a string")
      }
      facts.append(.init(name: member.name, value: value))
    }
    var settings: [EvaluationSetting] = []
    for field in try root.member("settings").elements() {
      settings.append(try EvaluationSetting(field))
    }
    if settings.isEmpty {
      throw .inconsistent(field: "settings", expected: "one setting or more")
    }
    var cells: [Evaluation.Cell] = []
    for field in try root.member("cells").elements() {
      cells.append(try cell(field, settings: settings.count))
    }
    guard let first = cells.first else {
      throw .inconsistent(field: "cells", expected: "one cell or more")
    }
    for (index, cell) in cells.enumerated() {
      guard cell.coordinates.map(\.name) == first.coordinates.map(\.name),
        cell.scores.map(\.name) == first.scores.map(\.name)
      else {
        throw .inconsistent(
          field: "cells[\(index)]", expected: "of the same coordinates and scores as the first")
      }
    }
    let corpusField = try root.member("corpus")
    let corpus = corpusField.node.isNull ? nil : try CorpusSummary(corpusField)
    var comparisons: [Evaluation.Comparison] = []
    if root.node["comparisons"] != nil {
      for field in try root.member("comparisons").elements() {
        comparisons.append(
          try Evaluation.Comparison(field, settings: settings.count, chunks: corpus?.chunks))
      }
    }
    return Evaluation(
      kind: kind, tool: try root.string("tool"), model: try ModelSummary(root.member("model")),
      corpus: corpus, protocolFacts: facts, settings: settings, cells: cells,
      comparisons: comparisons)
  }

  private static func cell(
    _ field: ResultField, settings: Int
  ) throws(ResultsFolderProblem) -> Evaluation.Cell {
    var coordinates: [Evaluation.Coordinate] = []
    for member in try members(field.member("at")) {
      if let number = member.node.double {
        coordinates.append(.init(name: member.name, value: .number(number)))
      } else if let name = member.node.string {
        coordinates.append(.init(name: member.name, value: .name(name)))
      } else {
        throw .wrongType(field: member.path, expected: "a number or a string")
      }
    }
    var scores: [Evaluation.Score] = []
    for member in try members(field.member("scores")) {
      let score = ResultField(member.node, path: member.path)
      scores.append(
        .init(
          name: member.name, mean: try score.double("mean"), deviation: try score.double("sd"),
          error: try score.double("se")))
    }
    return Evaluation.Cell(
      setting: try field.count("setting", 0..<settings), coordinates: coordinates,
      count: try field.count("count", 0...), scores: scores)
  }

  private struct NamedField {
    let name: String
    let node: JSONNode
    let path: String
  }

  private static func members(_ field: ResultField) throws(ResultsFolderProblem) -> [NamedField] {
    guard field.node.kind == .object else {
      throw .wrongType(field: field.path, expected: "an object")
    }
    return field.node.members.map {
      NamedField(name: $0.key, node: $0.value, path: "\(field.path).\($0.key)")
    }
  }
}

extension Evaluation {
  /// The text of its JSON file.
  public var json: String { JSONWriter.string(of: EvaluationFormat.json(self)) }

  /// Its cells as an RFC 4180 table, one row each: the setting, coordinates, count, and of every
  /// score mean, standard deviation and error. What is undefined is empty.
  public var csv: String {
    let first = cells.first
    var header = [
      "setting", "policy", "keep_ratio", "max_cache", "prune_after", "skip_layers", "positions",
      "seed", "plan",
    ]
    header += first?.coordinates.map(\.name) ?? []
    header.append("count")
    header += (first?.scores ?? []).flatMap { [$0.name, "\($0.name)_sd", "\($0.name)_se"] }
    let rows = cells.map { cell -> [String] in
      let setting = settings[cell.setting]
      var row = [
        "\(cell.setting)", setting.policy ?? "", Self.cell(setting.keepRatio),
        Self.cell(setting.maxCache), "\(setting.pruneAfter)",
        setting.skipLayers.map { "\($0)" }.joined(separator: " "), setting.positions,
        "\(setting.seed)", setting.plan ?? "",
      ]
      row += cell.coordinates.map {
        switch $0.value {
        case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .name(let name): name
        }
      }
      row.append("\(cell.count)")
      row += cell.scores.flatMap { [$0.mean, $0.deviation, $0.error].map(Self.cell) }
      return row
    }
    return Self.table([header] + rows)
  }

  static func table(_ rows: [[String]]) -> String {
    rows.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  static func cell(_ value: (some CustomStringConvertible)?) -> String {
    value.map { "\($0)" } ?? ""
  }

  /// By scalars: a line feed behind a carriage return is no character of its own, nor is a quote
  /// before an accent.
  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ["\"", ",", "\r", "\n"].contains($0) }) else {
      return text
    }
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    return String(quoted) + "\""
  }
}
