import AttentionAnalysis
import Reporting
import Results

extension PromptCapture {
  /// What changed keys do to the attention of the heads that their figure shows; none where the
  /// capture lacks what that takes.
  func peaks(
    of heads: [HeadIndex] = [], _ options: PeakDimensions.Options = PeakDimensions.Options()
  ) -> [PeakDimensions] {
    PeakDimensionsFigure.heads(of: self, wanted: heads).compactMap {
      PeakDimensions(self, layer: $0.layer, head: $0.head, options: options)
    }
  }
}
