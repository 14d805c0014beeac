import Results

/// A result as one interactive page that needs no network.
public enum HTMLReport {
  /// The document, in UTF-8. The same result gives the same bytes.
  ///
  /// - Parameter capture: what one pass over a prompt showed; `nil` leaves the prompt's section
  ///   out.
  public static func document(_ result: AnalysisResult, capture: PromptCapture? = nil) -> String {
    let prompt = capture.flatMap {
      PromptData($0, limits: .init(characters: ReportData.promptBudget(result)))
    }
    let sections = ReportSections(result: result)
    let title = Markup.escaped(LabelText.visible(String(result.model.name.prefix(200))))
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(PageStyle.policy)">
      <meta name="color-scheme" content="light dark">
      <title>\(title) – attention loss report</title>
      <style>
      \(Self.style)</style>
      </head>
      <body>
      <div class="page">
      \(sections.header)<main>
      \(sections.recommendation)\(sections.heatmap)\(prompt.map(sections.prompt) ?? "")\(sections.skipping)\
      \(sections.layers)</main>
      \(sections.footer)<div id="tip" class="tip" hidden></div>
      </div>
      <script type="application/json" id="report-data">\(ReportData(result, prompt: prompt).json)</script>
      <script>
      \(ReportScript.text)</script>
      </body>
      </html>

      """
  }

  /// The colours of the themes, then `Assets/report.css`.
  static var style: String {
    PageStyle.colors + String(decoding: PackageResources.report_css, as: UTF8.self)
  }
}
