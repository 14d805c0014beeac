import Results

/// The parts of the report's body as HTML; every text from the result is escaped.
struct ReportSections {
  let result: AnalysisResult

  private func text(_ text: String) -> String { Markup.escaped(LabelText.visible(text)) }

  var header: String {
    let model = result.model
    let corpus = result.corpus
    let protocolSummary = result.protocolSummary
    var facts: [(String, String)] = [
      ("Corpus", text(corpus.name)),
      (
        "Chunks × positions",
        "\(NumberText.grouped(corpus.chunks)) × \(NumberText.grouped(corpus.chunkLength))"
      ),
      ("Layers × heads", "\(model.layers) × \(model.heads)"),
      ("KV heads", "\(model.kvHeads)"),
      ("Architecture", text(model.architecture)),
      ("Parameters", NumberText.grouped(model.parameters)),
      ("Query", text(protocolSummary.query)),
      ("Score", text(protocolSummary.score)),
      ("Precision", text(protocolSummary.precision)),
      ("BOS", corpus.bos ? "yes" : "no"),
    ]
    if let rope = protocolSummary.rope { facts.append(("RoPE", text(rope))) }
    let list = facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }.joined(separator: "\n")
    return """
      <header>
      <p class="kicker">Attention loss with ideal reference (ALR)</p>
      <h1>\(text(model.name))</h1>
      <dl class="facts">
      \(list)
      </dl>
      </header>

      """
  }

  var recommendation: String {
    let recommendation = result.recommendation
    let button =
      recommendation.layers(.skip).isEmpty
      ? "" : "<button type=\"button\" id=\"copy-recommended\">Copy skip list</button>\n"
    let items = recommendation.reasons.prefix(200).map { "<li>\(text($0))</li>" }
    let list = items.isEmpty ? "" : "<ul>\n\(items.joined(separator: "\n"))\n</ul>\n"
    return """
      <section id="recommendation" aria-labelledby="recommendation-title">
      <h2 id="recommendation-title">Recommendation</h2>
      <p class="advice">\(text(ResultCaption.advice(result)))</p>
      \(list)<p class="muted small">To skip a layer is to leave it uncompressed.</p>
      \(button)</section>

      """
  }

  var heatmap: String {
    let figure = ALRFigure.scene(result, options: FigureOptions())
    return """
      <section id="heads" aria-labelledby="heads-title">
      <h2 id="heads-title">Heads</h2>
      <p class="muted small hint">Point at a cell for its numbers. Click it, or move with the \
      arrow keys, for the head's curves.</p>
      <noscript><div class="static-figure">\(SVGBackend.fragment(figure, coloring: .stylesheet))\
      </div></noscript>
      <div class="columns">
      <div>
      <div class="toolbar"><label class="small" for="metric">Measure</label>
      <select id="metric"></select></div>
      <div id="map" class="map" tabindex="0" role="application" aria-roledescription="heatmap" \
      aria-label="Heatmap of layers and heads. Arrow keys move from cell to cell." \
      aria-describedby="map-status"></div>
      <div class="legend"><span id="legend-low"></span>\
      <span id="legend-bar" class="legend-bar"></span><span id="legend-high"></span>
      <span id="legend-help"></span>
      <span id="legend-missing" hidden>crossed out: no value</span>
      <span id="legend-skip" hidden><span class="badge" aria-hidden="true">◂</span> \
      \(Answer.skip.words)</span>
      <span id="legend-unsure" hidden><span aria-hidden="true">◇</span> \
      \(Answer.unsure.words)</span></div>
      <p id="map-status" class="unseen" aria-live="polite"></p>
      <p id="chart-status" class="unseen" aria-live="polite"></p>
      </div>
      <div>
      <h3 id="head-title"></h3>
      <dl id="head-numbers" class="numbers"></dl>
      <figure class="chart"><figcaption>Attention loss
      <span class="key">\(text(ResultCaption.scoreName(result)))</span>\
      <span class="key key-ideal">ideal</span><span class="key key-random">random</span>\
      </figcaption><svg id="head-loss"></svg></figure>
      \(positionCharts)</div>
      </div>
      </section>

      """
  }

  private var positionCharts: String {
    """
    <figure class="chart"><figcaption>Attention score by position, mean over chunks, log scale
    <span class="position-note"></span></figcaption><svg id="head-attention"></svg></figure>
    <figure class="chart"><figcaption>Key norm by position, mean over chunks
    <span class="position-note"></span></figcaption>
    <svg id="head-norms"></svg></figure>

    """
  }

  func prompt(_ prompt: PromptData) -> String {
    """
    <section id="prompt" aria-labelledby="prompt-title">
    <h2 id="prompt-title">Prompt</h2>
    <p class="muted small">One pass over \(NumberText.grouped(prompt.capture.tokens.count)) tokens\
    \(prompt.capture.hasAddedBOS ? ", the first a BOS put in front" : ""). \(prompt.omission)</p>
    <p class="muted small hint">Point at a cell or a word for its numbers; click it to see what that
    query attends to.</p>
    <div class="toolbar">
    <label class="small">Layer <select id="prompt-layer"></select></label>
    <label class="small">Head <select id="prompt-head"></select></label>
    <label class="small">Colour the text by <select id="prompt-color"></select></label>
    <span id="prompt-missing" class="small badge" aria-live="polite"></span>
    </div>
    <h3 id="prompt-name" class="print-only"></h3>
    <div class="prompt-columns">
    <div id="prompt-map-part">
    <div class="prompt-frame">
    <div id="prompt-map" class="prompt-map" tabindex="0" role="application" \
    aria-roledescription="attention map" aria-describedby="prompt-cell">
    <canvas id="prompt-canvas" width="1" height="1" aria-hidden="true"></canvas>
    <span id="prompt-row" class="prompt-row"></span>
    <span id="prompt-column" class="prompt-column"></span>
    </div></div>
    <div class="legend"><span>0</span><span id="prompt-bar" class="legend-bar"></span><span>1</span>
    <span>attention, square-root scale; rows are queries, columns positions</span></div>
    </div>
    <div>
    <p id="prompt-cell" class="small prompt-cell" aria-live="polite"></p>
    <div id="prompt-text" class="prompt-text" dir="auto" tabindex="0" role="group" \
    aria-label="Text of the prompt. Left and right arrow keys choose a token."></div>
    <div class="legend"><span id="prompt-low"></span><span class="legend-bar token-bar"></span>\
    <span id="prompt-high"></span><span id="prompt-help"></span></div>
    </div>
    </div>
    </section>

    """
  }

  var skipping: String {
    """
    <section id="skipping" aria-labelledby="skipping-title">
    <h2 id="skipping-title">What skipping layers buys</h2>
    <p class="muted small">The layers to skip come first, then those that cannot be told yet, then the
    others, each from the highest KV ratio down; of those not skipped each drops the chosen share of
    its positions. The
    loss is the mean over the compressed layers, as measured here; it assumes that compressing one
    layer does not change another.</p>
    <div class="slider">
    <div>
    <label for="skip-count" class="small">Layers skipped</label>
    <input type="range" id="skip-count" min="0" \
    max="\(result.model.layers)" value="\(result.recommendation.layers(.skip).count)" step="1">
    <label for="skip-share" class="small">Compression of the other layers</label>
    <input type="range" id="skip-share" min="1" max="99" value="50" step="1">
    <p class="outcome"><span id="skip-loss">–</span></p>
    <p class="muted small">mean attention loss at <span class="skip-percent">50</span> % compression</p>
    <p id="skip-words"></p>
    <p>Skip list: <code id="skip-list">none</code></p>
    <button type="button" id="copy-slider">Copy skip list</button>
    <span id="copy-status" class="unseen" aria-live="polite"></span>
    </div>
    <figure class="chart"><figcaption><span>Mean attention loss of the compressed layers, at \
    <span class="skip-percent">50</span> %</span></figcaption>
    <svg id="skip-chart"></svg></figure>
    </div>
    </section>

    """
  }

  var layers: String {
    let titles = [
      "Layer", "n", "ALR", "ALR / n", "ALR ratio", "KV ratio", "0 · chance · 2", "Answer",
    ]
    let head = titles.enumerated().map { index, title in
      "<th scope=\"col\"\(index == 0 ? " aria-sort=\"ascending\"" : "")"
        + (index == 6 ? " class=\"bar-head\"" : "") + "><button type=\"button\""
        + (index == 6 ? " aria-label=\"KV ratio as a bar from 0 to 2\"" : "")
        + ">\(title)</button></th>"
    }.joined()
    let rows = result.layers.map(row).joined(separator: "\n")
    return """
      <section id="layers" aria-labelledby="layers-title">
      <h2 id="layers-title">Layers</h2>
      <p class="muted small">The KV ratio, with its 95 % interval, decides: a cache drops a position
      for all query heads of a KV head.</p>
      <p class="muted small hint">Click a column's title to sort by it.</p>
      <div class="scroll">
      <table id="layer-table" aria-labelledby="layers-title">
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      </div>
      </section>

      """
  }

  private func row(_ layer: LayerResult) -> String {
    func cell(_ value: Double?, _ text: String) -> String {
      let key = value.flatMap { $0.isFinite ? JSONText.number($0) : nil } ?? ""
      return "<td data-value=\"\(key)\">\(text)</td>"
    }
    func measured(_ value: Double?, error: Double?) -> String {
      let spread = error.flatMap {
        $0.isFinite ? " ± \(NumberText.significant($0, figures: 2))" : nil
      }
      return cell(value, NumberText.significant(value) + (value == nil ? "" : spread ?? ""))
    }
    var notes = "\(layer.n)"
    if let window = layer.window { notes += " <span class=\"muted\">(window \(window))</span>" }
    if let source = layer.kvSource {
      notes += " <span class=\"muted\">(keys of layer \(source))</span>"
    }
    let advice = result.recommendation[layer: layer.layer]
    let ratio = advice?.ratio.flatMap { $0.isFinite ? $0 : nil }
    let share = min(max((ratio ?? 0) / 2, 0), 1) * 100
    let key = ratio.map(JSONText.number) ?? ""
    var deciding = NumberText.significant(ratio)
    if let low = advice?.low, let high = advice?.high {
      deciding +=
        " <span class=\"muted interval\">(\(NumberText.fixed(low, decimals: 3)) to "
        + "\(NumberText.fixed(high, decimals: 3)))</span>"
    }
    return "<tr\(advice?.answer.map { " class=\"\($0.rawValue)\"" } ?? "")>"
      + cell(Double(layer.layer), "\(layer.layer)") + cell(Double(layer.n), notes)
      + measured(layer.alr, error: layer.alrSE)
      + cell(layer.alrNormalized, NumberText.significant(layer.alrNormalized))
      + measured(layer.alrRatio, error: layer.alrRatioSE)
      + "<td data-value=\"\(key)\">\(deciding)</td>"
      + "<td class=\"bar-cell\" data-value=\"\(key)\"><span class=\"bar\">"
      + "<i style=\"width:\(NumberText.fixed(share, decimals: 1))%\"></i></span></td>"
      + answerCell(advice?.answer) + "</tr>"
  }

  /// Sorted from compress over what cannot be told yet to skip.
  private func answerCell(_ answer: Answer?) -> String {
    switch answer {
    case .compress:
      "<td data-value=\"0\"><span class=\"muted\">\(Answer.compress.words)</span></td>"
    case .unsure: "<td data-value=\"1\">\(Answer.unsure.words)</td>"
    case .skip: "<td data-value=\"2\"><span class=\"badge\">\(Answer.skip.words)</span></td>"
    case nil: "<td data-value=\"\">–</td>"
    }
  }

  var footer: String {
    """
    <footer>
    <p>\(text(result.tool)) · instruction set \(text(result.protocolSummary.isa)) · \
    \(NumberText.grouped(result.corpus.tokens)) tokens</p>
    <p>Model <code>\(text(result.model.fingerprint))</code><br>Tokens \
    <code>\(text(result.corpus.fingerprint))</code></p>
    <p>ALR is the attention loss of dropping cached positions by the score, less that of dropping \
    them in the ideal order, summed over every number of positions dropped. The ALR ratio divides \
    it by what dropping at random would give.</p>
    </footer>

    """
  }
}
