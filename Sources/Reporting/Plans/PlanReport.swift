import Results

/// Plans as one page that needs neither network nor script: a script only sorts its tables.
public enum PlanReport {
  /// The document, in UTF-8. The same plans give the same bytes.
  ///
  /// - Parameters:
  ///   - plans: by file name, one for each share that was asked for.
  ///   - explanation: why they are what they are, in paragraphs.
  public static func document(
    _ plans: [(name: String, plan: CompressionPlan)], _ frontier: PlanFrontier, explanation: String
  ) -> String {
    let sections = PlanSections(plans: plans, frontier: frontier, explanation: explanation)
    return HTMLPage.document(
      title: "\(sections.modelName) – plans of compression",
      header: sections.header,
      main: sections.why + sections.figure + sections.costs + sections.shares + sections.programs,
      footer: sections.footer,
      script: ReportScript.sorting)
  }
}

/// The parts of the page of plans as HTML; every text from files is escaped.
private struct PlanSections {
  let plans: [(name: String, plan: CompressionPlan)]
  let frontier: PlanFrontier
  let explanation: String

  private func text(_ text: String) -> String { Markup.escaped(LabelText.visible(text)) }

  var modelName: String { text(String(frontier.model.name.prefix(200))) }

  private var savings: [Double] { plans.compactMap { $0.plan.origin?.saved } }

  private func percent(_ share: Double) -> String {
    NumberText.fixed(100 * share, decimals: 1) + " %"
  }

  var header: String {
    let model = frontier.model
    let facts = [
      ("Plans", "\(plans.count)"), ("Made small", frontier.objective.words),
      ("Layers × KV heads", "\(model.layers) × \(model.kvHeads)"),
      ("Architecture", text(model.architecture)),
      ("Parameters", NumberText.grouped(model.parameters)),
    ]
    return """
      <header>
      <p class="kicker">Plans: what to compress, and how far</p>
      <h1>\(modelName)</h1>
      \(HTMLPage.list(facts, class: "facts"))</header>

      """
  }

  var why: String {
    let paragraphs = explanation.split(separator: "\n\n").map { "<p>\(text(String($0)))</p>" }
    return section("why", "Why", paragraphs.joined(separator: "\n"))
  }

  // MARK: Tables

  private func section(_ id: String, _ title: String, _ body: String) -> String {
    """
    <section id="\(id)" aria-labelledby="\(id)-title">
    <h2 id="\(id)-title">\(title)</h2>
    \(body)
    </section>

    """
  }

  /// - Parameter label: the section that the table belongs to.
  private func table(
    _ titles: [String], _ rows: [String], label: String
  ) -> String {
    let head = titles.enumerated().map {
      "<th scope=\"col\"\($0 == 0 ? " class=\"name\"" : "")>"
        + "<button type=\"button\">\($1)</button></th>"
    }.joined()
    return HTMLPage.table(head: head, rows: rows, label: label)
  }

  private func cell(_ value: Double?, _ words: String? = nil) -> String {
    guard let value, value.isFinite else { return "<td data-value=\"\">–</td>" }
    return "<td data-value=\"\(JSONText.number(value))\">"
      + "\(words ?? NumberText.fixed(value, decimals: 4))</td>"
  }

  /// Every rule at every share that was asked for.
  var costs: String {
    let objectives = PlanObjective.inFiles.filter { objective in
      frontier.entries.contains { $0.predicted[objective] != nil }
    }
    let asked = frontier.entries.filter { savings.contains($0.saved) }
    let rows = asked.enumerated().map { index, entry in
      "<tr\(entry.isChosen ? " class=\"reference\"" : "")><th scope=\"row\" class=\"name\" "
        + "data-value=\"\(index)\">\(entry.isChosen ? "★ " : "")\(text(entry.rule))</th>"
        + cell(entry.saved, percent(entry.saved))
        + objectives.map {
          cell(entry.predicted[$0]?.madeOn) + cell(entry.predicted[$0]?.others)
        }.joined() + "</tr>"
    }
    let titles =
      ["Rule", "Saved"]
      + objectives.flatMap { [capitalised($0.words), "on other chunks"] }
    return section(
      "costs", "At equal memory",
      """
      <p class="muted small">What each rule is predicted to cost, on the chunks that plans were made
      on and on the others. A star marks the rules whose plans were written.</p>
      <p class="muted small hint">Click a column's title to sort by it.</p>
      \(table(titles, rows, label: "costs"))
      """)
  }

  private func capitalised(_ words: String) -> String {
    words.prefix(1).uppercased() + words.dropFirst()
  }

  var figure: String {
    section(
      "frontier", "The whole frontier",
      "<figure class=\"static-figure scroll\">"
        + SVGBackend.fragment(FrontierFigure.scene(frontier), coloring: .stylesheet) + "</figure>")
  }

  /// What stays of each layer in each plan; of heads that differ the least and the most.
  var shares: String {
    let rows = (0..<frontier.model.layers).map { layer in
      let cells = plans.map { entry -> String in
        guard entry.plan.keepRatios.indices.contains(layer),
          let least = entry.plan.keepRatios[layer].min(),
          let most = entry.plan.keepRatios[layer].max()
        else { return cell(nil) }
        let mean = entry.plan.layerRatios[layer]
        return cell(
          mean,
          percent(mean)
            + (least < most
              ? " <span class=\"muted\">heads \(percent(least)) to \(percent(most))</span>" : ""))
      }
      return "<tr><th scope=\"row\" class=\"name\" data-value=\"\(layer)\">\(layer)</th>"
        + cells.joined() + "</tr>"
    }
    return section(
      "shares", "What stays",
      table(["Layer"] + plans.map { text($0.name) }, rows, label: "shares"))
  }

  /// Programs of the first plan; those of others are in files beside them.
  var programs: String {
    guard let first = plans.first else { return "" }
    let files = PlanSnippets.files(first.plan).map {
      "<h3>\(text($0.name))</h3>\n<pre>\(text(lines: String(decoding: $0.bytes, as: UTF8.self)))</pre>"
    }
    return section(
      "programs", "For other tools",
      "<p class=\"muted small\">Programs for \(text(first.name))"
        + (plans.count > 1 ? "; those of the others are files beside them" : "") + ".</p>\n"
        + files.joined(separator: "\n"))
  }

  private func text(lines: String) -> String {
    lines.split(separator: "\n", omittingEmptySubsequences: false)
      .map { text(String($0)) }.joined(separator: "\n")
  }

  var footer: String {
    let source = plans.first?.plan.origin.map { "<br>Result <code>\(text($0.source))</code>" }
    return """
      <footer>
      <p>\(text(plans.first?.plan.tool ?? ""))</p>
      <p>Model <code>\(text(frontier.model.fingerprint))</code>\(source ?? "")</p>
      </footer>

      """
  }
}
