import Results

/// The parts of an evaluation's page as HTML; every text from the evaluation is escaped.
struct EvaluationSections {
  private let evaluation: Evaluation
  private let names: SettingNames
  private let cells: ScoreCells

  init(_ evaluation: Evaluation) {
    self.evaluation = evaluation
    names = SettingNames(evaluation.settings)
    cells = ScoreCells(evaluation)
  }

  private func text(_ text: String) -> String { Markup.escaped(LabelText.visible(text)) }

  var header: String {
    let model = evaluation.model
    var facts: [(String, String)] = []
    if let corpus = evaluation.corpus {
      facts += [
        ("Corpus", text(corpus.name)),
        (
          "Chunks × tokens",
          "\(NumberText.grouped(corpus.chunks)) × \(NumberText.grouped(corpus.chunkLength))"
        ),
      ]
    }
    facts += [
      ("Settings", NumberText.grouped(evaluation.settings.count)),
      ("Layers × heads", "\(model.layers) × \(model.heads)"),
      ("KV heads", "\(model.kvHeads)"),
      ("Architecture", text(model.architecture)),
      ("Parameters", NumberText.grouped(model.parameters)),
    ]
    return """
      <header>
      <p class="kicker">\(evaluation.kind.title): what compression costs</p>
      <h1>\(text(model.name))</h1>
      \(HTMLPage.list(facts, class: "facts"))</header>

      """
  }

  // MARK: Scores

  private struct Column {
    var title: String
    var values: [ScoreMean]
  }

  /// Every score over all cells; for tasks the first one by length, subset or task as well.
  private var columns: [Column] {
    func values(_ score: String, _ at: [(name: String, value: Evaluation.Coordinate.Value)] = [])
      -> [ScoreMean]
    {
      evaluation.settings.indices.map { cells.mean(score, setting: $0, at: at) }
    }
    var columns = evaluation.scoreNames.map { name in
      Column(title: text(capitalised(Evaluation.title(ofScore: name))), values: values(name))
    }
    guard let place = evaluation.kind.place else { return columns }
    let places = evaluation.places(place)
    if places.count > 1 {
      columns += places.prefix(64).map {
        Column(title: text($0.text), values: values(evaluation.kind.score, [(place, $0)]))
      }
    }
    return columns
  }

  var scores: String {
    let columns = columns
    let titles = ["Setting", "Count"] + columns.map(\.title)
    let head = titles.enumerated().map { index, title in
      "<th scope=\"col\"\(index == 0 ? " class=\"name\" aria-sort=\"ascending\"" : "")>"
        + "<button type=\"button\">\(title)</button></th>"
    }.joined()
    let formats = columns.map {
      NumberFormat(for: $0.values.compactMap(\.mean), figures: evaluation.kind == .lm ? 4 : 3)
    }
    let rows = evaluation.settings.indices.map { setting in
      let numbers = zip(columns, formats).map { column, format in
        cell(column.values[setting], format)
      }
      return "<tr\(evaluation.settings[setting].policy == nil ? " class=\"reference\"" : "")>"
        + "<th scope=\"row\" class=\"name\" data-value=\"\(setting)\">\(text(names.names[setting]))</th>"
        + cell(cells.count(setting: setting)) + numbers.joined() + "</tr>"
    }
    let place = evaluation.kind.place.map {
      " Columns named by \($0) hold the \(evaluation.kind.scoreTitle.lowercased()) there; the others"
        + " are means over all cells."
    }
    let shared = names.sharedWords.map { " \(capitalised(text($0)))." }
    return """
      <section id="scores" aria-labelledby="scores-title">
      <h2 id="scores-title">Scores</h2>
      <p class="muted small">A row a setting, each number with its standard error.\(place ?? "")\
      \(shared ?? "")</p>
      <p class="muted small hint">Click a column's title to sort by it.</p>
      \(HTMLPage.table(head: head, rows: rows, label: "scores"))
      </section>

      """
  }

  private func capitalised(_ words: String) -> String {
    words.prefix(1).uppercased() + words.dropFirst()
  }

  private func cell(_ count: Int) -> String {
    "<td data-value=\"\(count)\">\(NumberText.grouped(count))</td>"
  }

  private func cell(_ value: ScoreMean, _ format: NumberFormat) -> String {
    guard let mean = value.mean else { return "<td data-value=\"\">–</td>" }
    let error = value.error.map { " <span class=\"muted\">± \(format.text($0))</span>" } ?? ""
    return "<td data-value=\"\(JSONText.number(mean))\">\(format.text(mean))\(error)</td>"
  }

  var comparisons: String { ComparisonSection(evaluation: evaluation, names: names).html }

  // MARK: Figures and words

  var figures: String {
    let figures = EvaluationFigures.of(evaluation).map { figure in
      let scene = figure.scene(evaluation, options: FigureOptions())
      return "<figure class=\"static-figure scroll\">"
        + SVGBackend.fragment(scene, coloring: .stylesheet) + "</figure>"
    }
    return """
      <section id="figures" aria-labelledby="figures-title">
      <h2 id="figures-title">Figures</h2>
      \(figures.joined(separator: "\n"))
      </section>

      """
  }

  var reading: String {
    let words = Self.words(evaluation).map { "<p>\($0)</p>" }.joined(separator: "\n")
    return """
      <section id="reading" aria-labelledby="reading-title">
      <h2 id="reading-title">How to read it</h2>
      \(words)
      <p>A setting names its policy, which decides what stays in the cache, and how much stays: a
      share of the positions of each head, or the most that a head holds (<i>cache</i>). Layers that
      are <i>skipped</i> keep everything.</p>
      </section>

      """
  }

  private static func words(_ evaluation: Evaluation) -> [String] {
    let cells = "A mean over several cells weighs them alike; its error takes them for independent."
    switch evaluation.kind {
    case .lm where LayerSensitivityFigure.shows(evaluation):
      return [
        "Each layer is compressed alone, at several shares. The curves show how much that raises the "
          + "mean negative log likelihood of the tokens behind the compression; the bands are a "
          + "standard error over chunks to either side. Where a curve stays at 0 the layer can "
          + "give up as much. Layers that are compressed together can cost more or less than the "
          + "sum."
      ]
    case .lm:
      return [
        "Perplexity is the exponential of the mean negative log likelihood of the next token, over "
          + "each chunk, then averaged over chunks. Lower is better; a perplexity of 10 is that of "
          + "choosing among ten equally likely tokens. Accuracy is the share of tokens that had the "
          + "highest logit. <i>Cache</i> is how many positions a head holds in the end, on average.",
        "The curves show the same along the input: at each length over all tokens up to it. Where "
          + "a setting leaves the line of no compression, it has begun to drop what the model "
          + "needs. The bands are a standard error over chunks to either side; chunks differ more "
          + "than settings do, so settings may differ surely though their bands overlap.",
      ]
    case .passkey:
      return [
        "The model is asked for a number hidden in a long text of no meaning. Accuracy is the share "
          + "of answers that begin with the number. " + cells
      ]
    case .needle:
      return [
        "The model is asked for a sentence hidden in a long text, at a depth from its beginning "
          + "(0 %) to its end (100 %). The score is the share of the expected answer's distinct "
          + "words that the response has; ROUGE-1 counts overlapping words of both. " + cells
      ]
    case .longbench:
      return [
        "Questions on long documents are scored by the best token F1 over the answers, summaries by "
          + "ROUGE-L, both from 0 to 100. " + cells
      ]
    case .ruler:
      return [
        "Tasks made by rule: needles among distractors, tracking of variables, common and frequent "
          + "words. The score is the share of what is asked for that the answer has. " + cells
      ]
    }
  }

  var protocolFacts: String {
    guard !evaluation.protocolFacts.isEmpty else { return "" }
    let facts = evaluation.protocolFacts.map { fact in
      (text(String(fact.name.prefix(200))), text(String(fact.value.prefix(2000))))
    }
    return """
      <section id="protocol" aria-labelledby="protocol-title">
      <h2 id="protocol-title">Protocol</h2>
      \(HTMLPage.list(facts, class: "facts"))</section>

      """
  }

  var footer: String {
    let tokens = evaluation.corpus.map {
      "<br>Tokens <code>\(text($0.fingerprint))</code>"
    }
    return """
      <footer>
      <p>\(text(evaluation.tool))</p>
      <p>Model <code>\(text(evaluation.model.fingerprint))</code>\(tokens ?? "")</p>
      </footer>

      """
  }
}
