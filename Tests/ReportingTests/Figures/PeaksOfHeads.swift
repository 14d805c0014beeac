import AttentionAnalysis
import Results

@testable import Reporting

extension FigureOptions {
  /// The same with what figures of changed keys show, as commands compute it.
  func withPeaks(of capture: PromptCapture) -> FigureOptions {
    var options = self
    options.peaks = PeakDimensionsFigure.heads(of: capture, wanted: heads).compactMap {
      PeakDimensions(capture, layer: $0.layer, head: $0.head)
    }
    return options
  }
}
