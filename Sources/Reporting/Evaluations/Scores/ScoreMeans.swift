import Results

/// A mean and its standard error.
struct ScoreMean: Sendable, Equatable {
  var mean: Double?
  var error: Double?

  init(mean: Double?, error: Double?) {
    self.mean = mean.flatMap { $0.isFinite ? $0 : nil }
    self.error = error.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
  }

  /// The mean of the cells' means, each weighing alike; its error from theirs, as of independent
  /// values. Undefined where one of them is.
  init(of scores: [ScoreMean]) {
    let means = scores.compactMap(\.mean)
    let errors = scores.compactMap(\.error)
    let count = Double(scores.count)
    guard !scores.isEmpty, means.count == scores.count else {
      self.init(mean: nil, error: nil)
      return
    }
    self.init(
      mean: means.reduce(0, +) / count,
      error: errors.count == scores.count
        ? errors.reduce(0) { $0 + $1 * $1 }.squareRoot() / count : nil)
  }
}

extension Evaluation.Kind {
  /// The score that figures and first columns show.
  var score: String {
    switch self {
    case .lm: "perplexity"
    case .passkey: "accuracy"
    case .needle, .longbench, .ruler: "score"
    }
  }

  /// The score in words, capitalised.
  var scoreTitle: String {
    switch self {
    case .lm: "Perplexity"
    case .passkey: "Accuracy"
    case .needle, .longbench, .ruler: "Score"
    }
  }

  /// What tasks are told apart by in a table's columns; `nil` where a setting has one cell.
  var place: String? {
    switch self {
    case .lm: nil
    case .passkey, .needle: "length"
    case .longbench: "subset"
    case .ruler: "task"
    }
  }
}

extension Evaluation.Coordinate.Value {
  var number: Double? { if case .number(let number) = self { number } else { nil } }

  /// As axes and tables show it; lengths from 10,000 on in thousands.
  var text: String {
    switch self {
    case .name(let name): LabelText.visible(String(name.prefix(60)))
    case .number(let number):
      switch number.magnitude {
      case ..<1000: NumberText.coordinate((number * 10).rounded() / 10)
      case ..<10_000: NumberText.fixed(number, decimals: 0)
      case ..<1e12: NumberText.fixed(number / 1000, decimals: 0) + "k"
      default: NumberText.scientific(number)
      }
    }
  }
}

extension Evaluation {
  /// The places called `name`: numbers ascending, names as they first come.
  func places(_ name: String) -> [Coordinate.Value] {
    var places: [Coordinate.Value] = []
    for case let value? in cells.map({ $0.coordinate(name) }) where !places.contains(value) {
      places.append(value)
    }
    guard places.allSatisfy({ $0.number != nil }) else { return places }
    return places.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
  }

  /// A score's name as tables head it.
  static func title(ofScore name: String) -> String {
    switch name {
    case "nll": "NLL"
    case "nll_after": "NLL after"
    case "kept_share": "kept"
    case "rouge_1": "ROUGE-1"
    case "cache_positions": "cache"
    default: LabelText.visible(String(name.prefix(40).map { $0 == "_" ? " " : $0 }))
    }
  }

  /// The names of the scores, in the order of the cells.
  var scoreNames: [String] { cells.first?.scores.map(\.name) ?? [] }
}

/// The cells of an evaluation by setting, so that means of many places are found fast.
struct ScoreCells {
  private let cells: [[Evaluation.Cell]]

  init(_ evaluation: Evaluation) {
    var cells = evaluation.settings.map { _ in [Evaluation.Cell]() }
    for cell in evaluation.cells where cells.indices.contains(cell.setting) {
      cells[cell.setting].append(cell)
    }
    self.cells = cells
  }

  /// The mean of a score over a setting's cells at the given places; `nil` in it where there is
  /// none.
  func mean(
    _ score: String, setting: Int,
    at places: [(name: String, value: Evaluation.Coordinate.Value)] = []
  ) -> ScoreMean {
    let chosen = cells[setting].filter { cell in
      places.allSatisfy { cell.coordinate($0.name) == $0.value }
    }
    return ScoreMean(
      of: chosen.map { cell in
        let score = cell.score(score)
        return ScoreMean(mean: score?.mean, error: score?.error)
      })
  }

  /// Chunks or answers of a setting.
  func count(setting: Int) -> Int {
    cells[setting].reduce(0) { min($0 + max($1.count, 0), 1 << 40) }
  }
}
