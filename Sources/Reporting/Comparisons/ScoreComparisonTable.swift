import Results

/// A comparison of scores as tables: a row a score, a row a layer, and a map of winners.
public enum ScoreComparisonTable {
  /// The tables and what explains them, ending in a line break.
  public static func render(_ comparison: ScoreComparison, style: TerminalStyle) -> String {
    var lines = heading(comparison, style: style) + [""]
    lines += scores(comparison, style: style) + [""]
    lines += layers(comparison, style: style) + [""]
    lines += winners(comparison, style: style)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func heading(
    _ comparison: ScoreComparison, style: TerminalStyle
  ) -> [String] {
    let corpus = comparison.corpus
    let words =
      "\(comparison.model.name), \(corpus.name), "
      + "\(EvaluationCaption.count(corpus.chunks, "chunk")) × "
      + "\(NumberText.grouped(corpus.chunkLength)) positions, "
      + "query \(comparison.protocolSummary.query)"
    return TerminalText.wrapped(
      TerminalText.clean(words, style: style), width: style.usableWidth, indent: 2, style: style
    ).map { ANSI.bold($0, style: style) }
  }

  private static func name(_ score: Int, _ comparison: ScoreComparison, _ style: TerminalStyle)
    -> String
  {
    TerminalText.clean(comparison.scores[score], style: style)
  }

  /// In the order of their ranks.
  private static func scores(
    _ comparison: ScoreComparison, style: TerminalStyle
  ) -> [String] {
    let rows = comparison.overall.rows
    let order = rows.indices.sorted {
      (rows[$0].rank ?? .max, $0) < (rows[$1].rank ?? .max, $1)
    }
    let sorted = order.map { rows[$0] }
    let layerWins = comparison.wins(at: comparison.layers)
    let headWins = comparison.wins(at: comparison.kvHeads)
    func column(_ title: String, _ cell: (Int) -> String) -> TextTable.Column {
      TextTable.Column(title: title, cells: order.map(cell))
    }
    let names = TextTable.Column(
      title: "score", cells: order.map { name($0, comparison, style) })
    let ratio = TextTable.numbers(
      "ratio", sorted.map(\.alrRatio), decimals: 3, style: style)
    let ratioError = TextTable.errors(sorted.map(\.alrRatioSE), decimals: 3, style: style)
    let normalized = TextTable.numbers(
      "ALR/n", sorted.map(\.alrNormalized), decimals: 4, style: style)
    let best = column("layers won") { "\(layerWins[$0])" }
    let bestHeads = column("KV heads won") { "\(headWins[$0])" }
    let choices = [
      [names, ratio, ratioError, normalized, best, bestHeads], [names, ratio, ratioError, best],
      [names, ratio, best], [names, ratio],
    ].map(TextTable.init)
    return (choices.first { $0.width <= style.usableWidth } ?? choices[choices.count - 1])
      .lines(style: style)
  }

  /// Every score's ratio where a line has room, the best one marked; else the best two alone.
  private static func layers(
    _ comparison: ScoreComparison, style: TerminalStyle
  ) -> [String] {
    let places = comparison.layers
    let layer = TextTable.Column(
      title: "layer", cells: places.map { $0.layer.map { "\($0)" } ?? "" })
    let ratios = comparison.scores.indices.map { score in
      var column = TextTable.numbers(
        name(score, comparison, style), places.map { $0.rows[score].alrRatio }, decimals: 3,
        style: style)
      for (row, place) in places.enumerated() {
        column.cells[row] += place.best?.score == score ? "*" : " "
      }
      column.title += " "
      return column
    }
    let margin = TextTable.numbers(
      "by", places.map(\.best?.margin), decimals: 3, style: style)
    let marginError = TextTable.errors(
      places.map(\.best?.marginSE), decimals: 3, style: style)
    let whole = TextTable(columns: [layer] + ratios + [margin, marginError])
    if whole.width <= style.usableWidth {
      return whole.lines(style: style) + note("* best, by so much before the next", style: style)
    }
    func named(_ title: String, _ score: (BestScore) -> Int?) -> TextTable.Column {
      TextTable.Column(
        title: title,
        cells: places.map { place in
          place.best.flatMap(score).map { name($0, comparison, style) } ?? ""
        })
    }
    let ratio = TextTable.numbers(
      "ratio", places.map { place in place.best.flatMap { place.rows[$0.score].alrRatio } },
      decimals: 3, style: style)
    let best = named("best") { $0.score }
    let choices = [
      [layer, best, ratio, named("next") { $0.runnerUp }, margin, marginError],
      [layer, best, ratio, margin], [layer, best],
    ].map(TextTable.init)
    return (choices.first { $0.width <= style.usableWidth } ?? choices[choices.count - 1])
      .lines(style: style)
  }

  /// A letter a KV head.
  private static func winners(
    _ comparison: ScoreComparison, style: TerminalStyle
  ) -> [String] {
    let kvHeads = comparison.model.kvHeads
    guard kvHeads > 0, 7 + kvHeads <= style.usableWidth else {
      return note("too many KV heads for a map of winners; figures/ has one", style: style)
    }
    let gap = 7 + 2 * kvHeads <= style.usableWidth ? " " : ""
    var lines = TerminalText.wrapped(
      "Best by layer (down) and KV head (across)", width: style.usableWidth, indent: 2, style: style
    ).map { ANSI.bold($0, style: style) }
    for start in stride(from: 0, to: comparison.kvHeads.count, by: kvHeads) {
      let places = comparison.kvHeads[start..<min(start + kvHeads, comparison.kvHeads.count)]
      let letters = places.map { place -> String in
        let letter = ScoreColors.letter(place.best)
        return place.best.map {
          ANSI.colored(letter, ScoreColors.color($0.score), style: style)
        } ?? letter
      }
      lines.append(
        TerminalText.padded("\(start / kvHeads)", width: 5) + "  " + letters.joined(separator: gap))
    }
    let seen = comparison.wins(at: comparison.kvHeads)
    let key = comparison.scores.indices.filter { seen[$0] > 0 }.map { score in
      "\(ScoreColors.letter(BestScore(score: score, isClear: true))) "
        + name(score, comparison, style)
    }.joined(separator: ", ")
    return lines + note("\(key); small letters: the next one may be as good", style: style)
  }

  private static func note(_ text: String, style: TerminalStyle) -> [String] {
    TerminalText.wrapped(text, width: style.usableWidth, indent: 2, style: style)
      .map { ANSI.dim($0, style: style) }
  }
}
