import Results

/// What a figure or a table says about the evaluation it shows.
enum EvaluationCaption {
  /// Model, text and amounts, in parts.
  static func parts(_ evaluation: Evaluation) -> [String] {
    var parts = [LabelText.visible(String(evaluation.model.name.prefix(200)))]
    if let corpus = evaluation.corpus {
      parts.append(LabelText.visible(String(corpus.name.prefix(200))))
      parts.append("\(count(corpus.chunks, "chunk")) × \(NumberText.grouped(corpus.chunkLength))")
    } else {
      // Each setting answers the same questions.
      let cells = ScoreCells(evaluation)
      let most = evaluation.settings.indices.map { cells.count(setting: $0) }.max() ?? 0
      if most > 0 {
        parts.append("\(count(most, "answer")) a setting")
      }
    }
    return parts
  }

  static func count(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(NumberText.grouped(count)) \(noun)s"
  }

  /// `the first 24 of 30 settings`; `nil` where nothing is left out.
  static func omission(shown: Int, of count: Int, _ noun: String) -> String? {
    shown < count ? "the first \(shown) of \(NumberText.grouped(count)) \(noun)s" : nil
  }
}
