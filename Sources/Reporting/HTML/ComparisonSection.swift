import Results

/// The comparisons of an evaluation as a part of its page; every text from the evaluation is escaped.
struct ComparisonSection {
  let evaluation: Evaluation
  let names: SettingNames

  private func text(_ text: String) -> String { Markup.escaped(LabelText.visible(text)) }

  private func name(_ setting: Int) -> String { text(names.names[setting]) }

  /// Empty where nothing is compared.
  var html: String {
    let rows = evaluation.comparisons
    if rows.isEmpty { return "" }
    let format = NumberFormat(for: rows.compactMap(\.mean), figures: 3)
    let ratios = NumberFormat.fixed(4)
    func cell(_ value: Double?, _ format: NumberFormat, _ words: String? = nil) -> String {
      guard let value else { return "<td data-value=\"\">–</td>" }
      return "<td data-value=\"\(JSONText.number(value))\">\(words ?? format.text(value))</td>"
    }
    let head = ["Setting", "Against", "Difference", "Interval", "Perplexity ×"].enumerated().map {
      "<th scope=\"col\"\($0 < 2 ? " class=\"name\"" : "")>"
        + "<button type=\"button\">\($1)</button></th>"
    }.joined()
    let body = rows.map { row -> String in
      let error = row.error.map { " <span class=\"muted\">± \(format.text($0))</span>" } ?? ""
      let interval = row.low.flatMap { low in
        row.high.map { "\(format.text(low)) to \(format.text($0))" }
      }
      return "<tr><th scope=\"row\" class=\"name\" data-value=\"\(row.setting)\">"
        + "\(name(row.setting))</th><td class=\"name\" data-value=\"\(row.against)\">"
        + "\(name(row.against))</td>"
        + cell(row.mean, format, row.mean.map { format.text($0) + error })
        + cell(row.low, format, interval) + cell(row.perplexityRatio, ratios) + "</tr>"
    }
    return """
      <section id="comparisons" aria-labelledby="comparisons-title">
      <h2 id="comparisons-title">At equal memory</h2>
      <p class="muted small">\(words)</p>
      \(HTMLPage.table(head: head, rows: body, label: "comparisons"))
      </section>

      """
  }

  private var words: String {
    let kept = keptShares.map { share in
      "\(text(names.names[share.setting])) keeps \(NumberText.fixed(share.percent, decimals: 2)) %"
    }
    return
      "Differences of the mean negative log likelihood of the tokens behind the compression, in "
      + "nats a token, paired over chunks, with standard errors and 95 % intervals; above 0 the "
      + "setting predicts worse. Of the positions that count "
      + (kept.isEmpty ? "nothing is known" : kept.joined(separator: ", ")) + "."
  }

  /// What each compressed setting keeps of the positions that count.
  private var keptShares: [(setting: Int, percent: Double)] {
    evaluation.keptShares
  }
}

extension Evaluation {
  /// What each compressed setting keeps of the positions that count, in percent.
  var keptShares: [(setting: Int, percent: Double)] {
    cells.compactMap { cell in
      guard settings.indices.contains(cell.setting), settings[cell.setting].policy != nil,
        let share = cell.score("kept_share")?.mean, (0...1).contains(share)
      else { return nil }
      return (cell.setting, 100 * share)
    }
  }
}
