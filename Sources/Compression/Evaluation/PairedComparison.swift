import AttentionAnalysis
import Foundation
import Results

extension Evaluation.Comparison {
  /// The difference of two settings on the same chunks.
  ///
  /// - Parameters:
  ///   - losses: of each setting the mean negative log likelihood of each chunk, nats a token.
  ///   - setting: index in `losses`.
  ///   - against: index in `losses` of what it is compared with.
  public init(_ losses: [[Double]], setting: Int, against: Int) {
    let differences = zip(losses[setting], losses[against]).map { $0 - $1 }
    let mean = Statistics.mean(differences)
    let error = Statistics.standardError(differences)
    let half = error.map { StudentT.reach(degrees: differences.count - 1) * $0 }
    self.init(
      setting: setting, against: against, chunks: differences.count, mean: mean, error: error,
      low: mean.flatMap { mean in half.map { mean - $0 } },
      high: mean.flatMap { mean in half.map { mean + $0 } },
      perplexityRatio: mean.map { exp($0) })
  }
}
