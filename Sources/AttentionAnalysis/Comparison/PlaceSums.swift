import Results

/// ALR and random ALR of some heads, a value for each chunk, as a result's arrays have them.
struct PlaceSums {
  let alr: [Double]
  let random: [Double]
  /// Mean over the heads of ALR / n.
  let normalized: [Double]
  let heads: Int

  /// - Parameters:
  ///   - layers: of the model, those that are meant.
  ///   - kvHead: the KV head that is meant; `nil` for all query heads.
  init(_ result: AnalysisResult, layers: Range<Int>, kvHead: Int? = nil) {
    let width = kvHead == nil ? result.model.heads : result.model.kvHeads
    let columns = kvHead.map { $0..<$0 + 1 } ?? 0..<width
    let rowLength = result.model.layers * width
    let chunks = result.corpus.chunks
    func sums(_ array: ResultArray) -> [Double] {
      let values = result.arrays[array].values
      guard values.count == chunks * rowLength else { return [] }
      return (0..<chunks).map { chunk in
        layers.reduce(0) { sum, layer in
          columns.reduce(sum) { $0 + values[chunk * rowLength + layer * width + $1] }
        }
      }
    }
    heads = layers.count * columns.count
    alr = sums(kvHead == nil ? .alr : .kvALR)
    random = sums(kvHead == nil ? .randomALR : .kvRandomALR)
    normalized = sums(kvHead == nil ? .alrNormalized : .kvALRNormalized)
  }

  var ratio: Double? { Statistics.ratioOfSums(alr, random) }
  var ratioError: Double? { Statistics.jackknifeError(alr, random) }

  var row: ComparedScore {
    func mean(_ values: [Double]) -> [Double] { values.map { $0 / Double(heads) } }
    return ComparedScore(
      alr: Statistics.mean(mean(alr)), alrSE: Statistics.standardError(mean(alr)),
      alrNormalized: Statistics.mean(mean(normalized)), alrRatio: ratio, alrRatioSE: ratioError)
  }

  /// The jackknife error of the difference of two ratios over the same chunks.
  func pairedError(_ other: PlaceSums) -> Double? {
    guard let own = Statistics.jackknifeDeviations(alr, random),
      let others = Statistics.jackknifeDeviations(other.alr, other.random),
      own.count == others.count
    else { return nil }
    let count = Double(own.count)
    let squares = zip(own, others).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return Statistics.defined((squares * (count - 1) / count).squareRoot())
  }
}
