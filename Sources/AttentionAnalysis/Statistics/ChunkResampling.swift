import Foundation

/// One layer's ALR and random ALR summed over its heads, a value for each chunk.
struct ChunkSums: Sendable {
  var alr: [Double]
  var random: [Double]
}

/// The ratios of several layers as other chunks of the same kind might have given them.
///
/// A resampling moves each layer's ratio by what each chunk does to it (the jackknife's
/// deviations), with a normal weight a chunk, the same for all layers, so that layers that err
/// together move together; all of it is stretched by one draw of `√(d / χ²_d)`, d = chunks - 1. So
/// every layer's ratio, and every weighted sum of them, moves as Student's t with d degrees of
/// freedom: what is not known of the errors themselves is in it, which counts for two, three or
/// four chunks.
///
/// The draws are the same in every run, whatever the content, and made in one thread.
struct ChunkResampling {
  static let defaultCount = 4_000
  private static let seed: UInt64 = 0x414C_5221

  /// Σalr / Σrandom of each layer.
  let ratios: [Double]
  /// `√((c-1)/c) · (θ_i - θ̄)`, whose squares sum to the squared standard error: (chunk, layer)
  private let deviations: [Double]
  private let chunks: Int

  /// `nil` below two chunks, or where a layer has no error.
  init?(_ layers: [ChunkSums]) {
    chunks = layers.first?.alr.count ?? 0
    guard chunks > 1 else { return nil }
    var ratios: [Double] = []
    var deviations = [Double](repeating: 0, count: chunks * layers.count)
    let scale = (Double(chunks - 1) / Double(chunks)).squareRoot()
    for (layer, sums) in layers.enumerated() {
      guard let ratio = Statistics.ratioOfSums(sums.alr, sums.random),
        let own = Statistics.jackknifeDeviations(sums.alr, sums.random)
      else { return nil }
      ratios.append(ratio)
      for (chunk, deviation) in own.enumerated() {
        deviations[chunk * layers.count + layer] = scale * deviation
      }
    }
    self.ratios = ratios
    self.deviations = deviations
  }

  /// Calls `body` with the ratios of all layers, once for each resampling.
  func draw(count: Int = defaultCount, _ body: ([Double]) -> Void) {
    var normal = NormalGenerator(seed: Self.seed)
    var weights = [Double](repeating: 0, count: chunks)
    var resampled = ratios
    for _ in 0..<count {
      for chunk in 0..<chunks { weights[chunk] = normal.next() }
      var squares = 0.0
      for _ in 1..<chunks {
        let value = normal.next()
        squares += value * value
      }
      // No draw is 0 in practice; the guard keeps the quotient finite whatever is drawn.
      let stretch = (Double(chunks - 1) / max(squares, .leastNormalMagnitude)).squareRoot()
      for layer in ratios.indices { resampled[layer] = ratios[layer] }
      for chunk in 0..<chunks {
        let weight = weights[chunk] * stretch
        let row = chunk * ratios.count
        for layer in ratios.indices { resampled[layer] += weight * deviations[row + layer] }
      }
      body(resampled)
    }
  }
}

/// Normal numbers from a seed: Marsaglia's polar method over SplitMix64.
struct NormalGenerator {
  private var random: SplitMix64
  private var spare: Double?

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func next() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let x = uniform()
      let y = uniform()
      let square = x * x + y * y
      if square >= 1 || square == 0 { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spare = y * factor
      return x * factor
    }
  }

  /// Uniform in -1…1.
  private mutating func uniform() -> Double {
    Double(random.next() &>> 11) * 0x1p-52 - 1
  }
}
