import Results

/// An evaluation as one page that needs neither network nor script: a script only sorts its table.
public enum EvaluationReport {
  /// The document, in UTF-8. The same evaluation gives the same bytes.
  public static func document(_ evaluation: Evaluation) -> String {
    let sections = EvaluationSections(evaluation)
    let title = Markup.escaped(LabelText.visible(String(evaluation.model.name.prefix(200))))
    return HTMLPage.document(
      title: "\(title) – \(evaluation.kind.title) under compression",
      header: sections.header,
      main: sections.scores + sections.comparisons + sections.figures + sections.reading
        + sections.protocolFacts,
      footer: sections.footer,
      script: ReportScript.sorting)
  }
}
