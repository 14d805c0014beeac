import Results

/// The rule that decides for each layer; docs/quantities.md states it with its error rates.
///
/// Two things speak for skipping a layer: that its ratio lies above 1, and that it lies above
/// `median + 3 · 1.4826 · MAD` of all layers. Each is taken as true or false where the 95 % limits
/// of its distance from that threshold leave no doubt, else as open.
struct RecommendationRule {
  /// What the rule says of one layer.
  struct Verdict: Sendable, Equatable {
    var answer: Answer?
    var ratio: Double?
    var low: Double?
    var high: Double?
    var standsOut: Double?
    var chunksNeeded: Int?
  }

  /// More chunks than these, or than eight times as many as there were, nobody is sent for.
  static let reasonableChunks = 1_000

  var resamplings = ChunkResampling.defaultCount

  /// One verdict for each layer, each of which has one value for each chunk.
  func verdicts(_ layers: [ChunkSums]) -> [Verdict] {
    var verdicts = layers.map { sums in
      let ratio = Statistics.ratioOfSums(sums.alr, sums.random)
      return Verdict(answer: ratio == nil ? nil : .unsure, ratio: ratio)
    }
    // Layers without a ratio, or without an error, neither decide nor are decided.
    let known = layers.indices.filter {
      verdicts[$0].ratio != nil
        && Statistics.jackknifeError(layers[$0].alr, layers[$0].random) != nil
    }
    guard let resampling = ChunkResampling(known.map { layers[$0] }) else { return verdicts }
    let chunks = layers[known[0]].alr.count
    let standingOut = standingOut(resampling)
    for (index, layer) in known.enumerated() {
      let sums = layers[layer]
      let ratio = resampling.ratios[index]
      let error = Statistics.jackknifeError(sums.alr, sums.random) ?? 0
      let half = StudentT.reach(degrees: chunks - 1) * error
      let worse = Claim(distance: ratio - 1, doubt: half)
      let outlying = standingOut[index]
      verdicts[layer].low = min(max(ratio - half, 0), 2)
      verdicts[layer].high = min(max(ratio + half, 0), 2)
      verdicts[layer].standsOut = outlying.share
      let claims = [worse, outlying.claim]
      if claims.contains(where: { $0.isTrue == true }) {
        verdicts[layer].answer = .skip
      } else if claims.allSatisfy({ $0.isTrue == false }) {
        verdicts[layer].answer = .compress
      } else {
        verdicts[layer].chunksNeeded = Self.chunksNeeded(claims, chunks: chunks)
      }
    }
    return verdicts
  }

  // MARK: Standing out

  /// Whether a value lies above a threshold: how far it does, and how far off that may be.
  struct Claim: Sendable, Equatable {
    /// Positive above the threshold.
    var distance: Double
    /// Half the width of the 95 % interval of the distance.
    var doubt: Double

    /// `nil` where the interval holds 0.
    var isTrue: Bool? { abs(distance) > doubt ? distance > 0 : nil }

    /// Where nothing can stand out.
    static let impossible = Claim(distance: -1, doubt: 0)
    /// Where nothing can be said.
    static let open = Claim(distance: 0, doubt: 0)
  }

  /// How often each layer stands out in the resamplings, and what follows from it.
  ///
  /// The doubt is the farther of both 95 % limits of the resampled distances: resampling adds the
  /// chunks' noise to the spread of the layers a second time, which lifts the threshold, so the
  /// nearer limit alone would find too few layers to stand out, and its mirror image too many.
  private func standingOut(_ resampling: ChunkResampling) -> [(share: Double, claim: Claim)] {
    let layers = resampling.ratios.indices
    // Of two layers neither is far from the median, of one nothing is.
    guard layers.count > 2 else { return layers.map { _ in (0, .impossible) } }
    let threshold = Self.standoutThreshold(resampling.ratios)
    var distances = layers.map { _ in [Double]() }
    for layer in layers { distances[layer].reserveCapacity(resamplings) }
    resampling.draw(count: resamplings) { ratios in
      let threshold = Self.standoutThreshold(ratios)
      for layer in layers {
        distances[layer].append(threshold.map { ratios[layer] - $0 } ?? -.infinity)
      }
    }
    return layers.map { layer in
      let sorted = distances[layer].sorted()
      let above = sorted.count - (sorted.firstIndex { $0 > 0 } ?? sorted.count)
      let share = Double(above) / Double(max(sorted.count, 1))
      guard let threshold else { return (share, above == 0 ? .impossible : .open) }
      let distance = resampling.ratios[layer] - threshold
      // 2.5 % at either end.
      let tail = sorted.count / 40
      guard sorted.indices.contains(tail) else { return (share, .open) }
      let doubt = max(sorted[sorted.count - 1 - tail] - distance, distance - sorted[tail])
      return (share, Claim(distance: distance, doubt: doubt))
    }
  }

  /// `median + 3 · 1.4826 · MAD`; `nil` of nothing, and where most values are equal, so that there
  /// is no spread to measure by.
  static func standoutThreshold(_ ratios: [Double]) -> Double? {
    guard let median = Statistics.median(ratios),
      let spread = Statistics.median(ratios.map { abs($0 - median) }), spread > 0
    else { return nil }
    return median + 3 * 1.4826 * spread
  }

  // MARK: How many chunks would decide

  /// About how many chunks would make an answer of what is open, if the values stayed as they are;
  /// `nil` where not even a great many would.
  static func chunksNeeded(_ claims: [Claim], chunks: Int) -> Int? {
    let limit = max(reasonableChunks, 8 * min(chunks, Int.max / 8))
    let needed = claims.map { claim in
      claim.isTrue == nil ? chunksNeeded(claim, chunks: chunks, limit: limit) : chunks
    }
    // One thing that speaks for skipping is enough; to compress, nothing may.
    let forSkipping = zip(claims, needed).filter { $0.0.distance > 0 }.map(\.1)
    if !forSkipping.isEmpty { return forSkipping.compactMap { $0 }.min().map(rounded) }
    let all = needed.compactMap { $0 }
    return all.count == claims.count ? all.max().map(rounded) : nil
  }

  /// The doubt shrinks as `t(N - 1) / √N`.
  private static func chunksNeeded(_ claim: Claim, chunks: Int, limit: Int) -> Int? {
    func width(_ count: Int) -> Double {
      StudentT.reach(degrees: count - 1) / Double(count).squareRoot()
    }
    func decides(_ count: Int) -> Bool {
      claim.doubt * width(count) < abs(claim.distance) * width(chunks)
    }
    guard claim.doubt.isFinite, decides(limit) else { return nil }
    var (low, high) = (chunks, limit)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if decides(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// Upwards to two digits: it is an estimate.
  private static func rounded(_ count: Int) -> Int {
    var unit = 1
    while count / unit >= 100 { unit *= 10 }
    return (count + unit - 1) / unit * unit
  }
}
