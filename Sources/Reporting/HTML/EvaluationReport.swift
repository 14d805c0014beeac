import Results

/// An evaluation as one page that needs neither network nor script: a script only sorts its table.
public enum EvaluationReport {
  /// The document, in UTF-8. The same evaluation gives the same bytes.
  public static func document(_ evaluation: Evaluation) -> String {
    let sections = EvaluationSections(evaluation)
    let title = Markup.escaped(LabelText.visible(String(evaluation.model.name.prefix(200))))
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(PageStyle.policy)">
      <meta name="color-scheme" content="light dark">
      <title>\(title) – \(evaluation.kind.title) under compression</title>
      <style>
      \(HTMLReport.style)</style>
      </head>
      <body>
      <div class="page">
      \(sections.header)<main>
      \(sections.scores)\(sections.comparisons)\(sections.figures)\(sections.reading)\(sections.protocolFacts)</main>
      \(sections.footer)</div>
      <script>
      \(ReportScript.sorting)</script>
      </body>
      </html>

      """
  }
}
