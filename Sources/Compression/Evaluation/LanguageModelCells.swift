import AttentionAnalysis
import Foundation
import Results

extension LanguageModelRun.Scores {
  /// What a setting comes to: means over chunks, a chunk's perplexity being that of its mean
  /// negative log likelihood.
  ///
  /// - Parameters:
  ///   - setting: its index in the grid.
  ///   - pruning: tokens after which caches are pruned, where that happens once: what is predicted
  ///     from there on is then a score of its own.
  ///   - keptShare: the share of positions that a comparison at equal memory keeps.
  public func cell(
    setting: Int, chunks: Int, pruning: Int? = nil, keptShare: Double? = nil
  ) -> Evaluation.Cell {
    let length = negativeLogLikelihoods.count / max(1, chunks)
    func means(_ value: (_ index: Int) -> Double) -> [Double] {
      (0..<chunks).map { chunk in
        (chunk * length..<(chunk + 1) * length).reduce(0) { $0 + value($1) } / Double(length)
      }
    }
    let nll = means { negativeLogLikelihoods[$0] }
    var scores: [Evaluation.Score] = [
      .init("perplexity", over: nll.map { exp($0) }),
      .init("nll", over: nll),
      .init("accuracy", over: means { isCorrect[$0] ? 1 : 0 }),
      .init("cache_positions", over: heldPositions),
    ]
    if let pruning {
      scores.append(.init("nll_after", over: meanLosses(from: pruning, fedLength: length)))
    }
    if let keptShare {
      scores.append(.init(name: "kept_share", mean: keptShare, deviation: nil, error: nil))
    }
    return Evaluation.Cell(setting: setting, coordinates: [], count: chunks, scores: scores)
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
