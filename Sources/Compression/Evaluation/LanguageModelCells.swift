import AttentionAnalysis
import Foundation
import Results

extension LanguageModelRun.Scores {
  /// What a setting comes to: means over chunks, a chunk's perplexity being that of its mean
  /// negative log likelihood.
  ///
  /// - Parameter setting: its index in the grid.
  public func cell(setting: Int, chunks: Int) -> Evaluation.Cell {
    let length = negativeLogLikelihoods.count / max(1, chunks)
    func means(_ value: (_ index: Int) -> Double) -> [Double] {
      (0..<chunks).map { chunk in
        (chunk * length..<(chunk + 1) * length).reduce(0) { $0 + value($1) } / Double(length)
      }
    }
    let nll = means { negativeLogLikelihoods[$0] }
    return Evaluation.Cell(
      setting: setting, coordinates: [], count: chunks,
      scores: [
        .init("perplexity", over: nll.map { exp($0) }),
        .init("nll", over: nll),
        .init("accuracy", over: means { isCorrect[$0] ? 1 : 0 }),
        .init("cache_positions", over: heldPositions),
      ])
  }
}

extension Evaluation.Score {
  /// The mean of `values`, their sample standard deviation, and the mean's standard error.
  init(_ name: String, over values: [Double]) {
    self.init(
      name: name, mean: Statistics.mean(values), deviation: Statistics.standardDeviation(values),
      error: Statistics.standardError(values))
  }
}
