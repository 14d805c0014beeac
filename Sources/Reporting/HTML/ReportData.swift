import Results

/// What the report's script works on, as JSON.
struct ReportData {
  /// Base64 and numbers together stay below this, so that the page stays below 5 MB.
  static let budget = 4_500_000
  /// What the measures of a head take.
  private static let measureCharacters = 70
  /// Base64 of the loss curves alone.
  static let curveBudget = 1_500_000
  /// The first positions are kept one by one: attention sinks live there.
  static let singlePositions = 16

  let result: AnalysisResult
  let prompt: PromptData?
  let layers: Int
  let heads: Int
  let kvHeads: Int

  init(_ result: AnalysisResult, prompt: PromptData? = nil) {
    self.result = result
    self.prompt = prompt
    layers = min(max(result.model.layers, 0), HeadGrid.maximumExtent)
    heads = min(max(result.model.heads, 0), HeadGrid.maximumExtent)
    kvHeads = min(max(result.model.kvHeads, 0), HeadGrid.maximumExtent)
  }

  var json: String {
    let map = ColorMap.viridis
    let start = AttentionLossFigure.extremeHeads(result).last ?? HeadIndex(layer: 0, head: 0)
    let (curves, curveSize) = lossCurves
    let promptJSON = prompt?.json ?? "null"
    let skipping = self.skipping
    let others =
      layers * heads * Self.measureCharacters + promptJSON.utf8.count
      + skipping.utf8.count
    return JSONText.object([
      ("layers", "\(layers)"), ("heads", "\(heads)"), ("kvHeads", "\(kvHeads)"),
      ("start", JSONText.integers([start.layer, start.head])),
      ("kvHead", JSONText.integers(kvHeadOfHead)),
      ("score", JSONText.string(ResultCaption.scoreName(result))),
      (
        "maps", JSONText.object([("sequential", samples(map)), ("diverging", samples(.diverging))])
      ),
      ("metrics", JSONText.array(metrics)),
      (
        "errors",
        JSONText.object([
          ("alr", JSONText.numbers(HeadGrid(result, value: \.alrSE).values)),
          ("alr_ratio", JSONText.numbers(HeadGrid(result, value: \.alrRatioSE).values)),
        ])
      ),
      ("curves", curves),
      (
        "positions",
        positions(budget: Self.budget - curveSize - others)
      ),
      ("prompt", promptJSON),
      ("skipping", skipping),
    ])
  }

  /// 64 evenly spaced colours of a map.
  private func samples(_ map: ColorMap) -> String {
    JSONText.array(
      (0..<64).map { "\"\(map.color(at: Double($0) / 63)?.hexString ?? "#000000")\"" })
  }

  /// (layers, heads); -1 where the result has no row.
  private var kvHeadOfHead: [Int] {
    var table = [Int](repeating: -1, count: layers * heads)
    for row in result.heads
    where (0..<layers).contains(row.layer) && (0..<heads).contains(row.head)
      && (0..<kvHeads).contains(row.kvHead)
    {
      table[row.layer * heads + row.head] = row.kvHead
    }
    return table
  }

  /// Base64 that the maps of a prompt may take beside `result`: what is left where every head keeps
  /// its curves and positions in full, and never less than a page has for maps at least.
  static func promptBudget(_ result: AnalysisResult) -> Int {
    let data = ReportData(result)
    let heads = data.layers * data.heads
    let curves = 2 * PackedRows.encodedSize(rows: heads, columns: curvePointCount)
    let rows = heads + data.layers * data.kvHeads
    let positions = PackedRows.encodedSize(
      rows: rows, columns: min(max(result.corpus.chunkLength, 0), 1 << 20))
    // Tokens, their norms, ranges of rows, the page itself.
    let rest = heads * measureCharacters + 3 * rows * 16 + 300_000
    return max(
      PromptData.Limits.leastCharacters, budget - min(curves, curveBudget) - positions - rest)
  }

  private var metrics: [String] {
    func metric(
      _ key: String, _ label: String, _ help: String, _ grid: HeadGrid,
      _ domain: ClosedRange<Double>, isDiverging: Bool
    ) -> String {
      JSONText.object([
        ("key", JSONText.string(key)), ("label", JSONText.string(label)),
        ("help", JSONText.string(help)), ("low", JSONText.number(domain.lowerBound)),
        ("high", JSONText.number(domain.upperBound)),
        ("map", isDiverging ? "\"diverging\"" : "\"sequential\""),
        ("values", JSONText.numbers(grid.values)),
      ])
    }
    let alr = HeadGrid(result, value: \.alr)
    let ratio = HeadGrid(result, value: \.alrRatio)
    let normalized = HeadGrid(result, value: \.alrNormalized)
    let spearman = HeadGrid(result, value: \.spearman)
    return [
      metric(
        "alr", "ALR", "attention loss × positions; lower is better", alr,
        ALRFigure.domain(of: alr.range), isDiverging: false),
      metric(
        "alr_ratio", "ALR ratio", "0 ideal, 1 no better than dropping at random", ratio,
        ALRRatioFigure.domain(of: ratio.range), isDiverging: true),
      metric(
        "alr_normalized", "ALR / n", "area between the two loss curves; lower is better",
        normalized, ALRFigure.domain(of: normalized.range), isDiverging: false),
      metric(
        "spearman", "Spearman correlation",
        "of key norm and attention score; negative is better", spearman, -1...1,
        isDiverging: true),
    ]
  }

  /// Loss and reference of every head, thinned where there are very many heads.
  private var lossCurves: (json: String, size: Int) {
    let rows = layers * heads
    let steps = [1, 2, 4, 5, 10, 20, 50]
    let step =
      steps.first {
        2 * PackedRows.encodedSize(rows: rows, columns: 100 / $0 + 1) <= Self.curveBudget
      } ?? 100
    let columns = 100 / step + 1
    let empty = [Double](repeating: .nan, count: columns)
    func packed(_ array: NumericArray) -> PackedRows {
      var packed = PackedRows(columns: columns)
      for layer in 0..<layers {
        for head in 0..<heads {
          let curve = LossCurves.mean(
            of: array, foldChunks: result.arrays[.foldChunks], layer: layer, head: head)
          packed.append(curve.map { curve in (0..<columns).map { curve[$0 * step] } } ?? empty)
        }
      }
      return packed
    }
    let loss = packed(result.arrays[.attentionLoss])
    let reference = packed(result.arrays[.referenceLoss])
    let json = JSONText.object([
      ("step", "\(step)"), ("loss", loss.json), ("reference", reference.json),
    ])
    return (json, json.utf8.count)
  }

  /// Attention and key norm by position; neighbouring positions share a point where the page
  /// would grow too large.
  private func positions(budget: Int) -> String {
    let attention = result.arrays[.attentionMean]
    let norms = result.arrays[.keyNormMean]
    guard attention.shape.count == 3, norms.shape.count == 3, attention.shape[0] == layers,
      attention.shape[1] == heads, norms.shape[0] == layers, norms.shape[1] == kvHeads,
      attention.shape[2] == norms.shape[2], attention.shape[2] > 0
    else { return "null" }
    let count = attention.shape[2]
    let rows = layers * (heads + kvHeads)
    // First coarser numbers, then fewer points.
    var width = PackedRows.Width.word
    var step = 1
    while PackedRows.encodedSize(
      rows: rows, columns: Self.bins(count: count, step: step).count, width: width) + rows * 16
      > budget
    {
      if width == .word { width = .byte } else if step < count { step *= 2 } else { break }
    }
    let bins = Self.bins(count: count, step: step)
    func packed(_ array: NumericArray, power: Int) -> PackedRows {
      var packed = PackedRows(columns: bins.count, power: power, width: width)
      for row in 0..<(array.shape[0] * array.shape[1]) {
        packed.append(
          bins.map { bin in
            var sum = 0.0
            var present = 0
            for position in bin {
              let value = array.values[row * count + position]
              guard value.isFinite else { continue }
              sum += value
              present += 1
            }
            return present > 0 ? sum / Double(present) : .nan
          })
      }
      return packed
    }
    return JSONText.object([
      ("count", "\(count)"), ("step", "\(step)"),
      ("starts", JSONText.integers(bins.map(\.lowerBound))),
      ("attention", packed(attention, power: width == .word ? 2 : 4).json),
      ("norms", packed(norms, power: 1).json),
    ])
  }

  /// The first positions singly, the others `step` together.
  static func bins(count: Int, step: Int) -> [Range<Int>] {
    let single = min(singlePositions, count)
    return (0..<single).map { $0..<($0 + 1) }
      + stride(from: single, to: count, by: max(step, 1)).map { $0..<min($0 + max(step, 1), count) }
  }

  /// The layers to skip, then those that cannot be told yet, then the others, each from the highest
  /// KV ratio down (those without one last), and, by layer, how many positions it has and the mean
  /// attention loss of its heads for every hundredth of them dropped.
  private var skipping: String {
    var ratios = [Double?](repeating: nil, count: layers)
    var positions = [Int](repeating: 0, count: layers)
    for row in result.layers where ratios.indices.contains(row.layer) {
      ratios[row.layer] = result.recommendation[layer: row.layer]?.ratio.flatMap {
        $0.isFinite ? $0 : nil
      }
      positions[row.layer] = row.n
    }
    func answered(_ answer: Answer) -> [Int] {
      result.recommendation.layers(answer).filter { (0..<layers).contains($0) }
    }
    let (skip, unsure) = (answered(.skip), answered(.unsure))
    var ranks = [Int](repeating: 2, count: layers)
    for layer in unsure { ranks[layer] = 1 }
    for layer in skip { ranks[layer] = 0 }
    let order = ratios.indices.sorted { left, right in
      if ranks[left] != ranks[right] { return ranks[left] < ranks[right] }
      let (a, b) = (ratios[left] ?? -.infinity, ratios[right] ?? -.infinity)
      return a == b ? left < right : a > b
    }
    var losses = PackedRows(columns: curvePointCount)
    for layer in 0..<layers {
      let curves = (0..<heads).compactMap {
        LossCurves.mean(
          of: result.arrays[.attentionLoss], foldChunks: result.arrays[.foldChunks], layer: layer,
          head: $0)
      }
      losses.append(
        curves.isEmpty
          ? []
          : (0..<losses.columns).map { point in
            curves.reduce(0) { $0 + $1[point] } / Double(curves.count)
          })
    }
    return JSONText.object([
      ("order", JSONText.integers(order)), ("loss", losses.json),
      ("positions", JSONText.integers(positions)),
      ("skip", JSONText.integers(skip)), ("unsure", JSONText.integers(unsure)),
    ])
  }
}
