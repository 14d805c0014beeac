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
    return HTMLPage.document(
      title: "\(title) – attention loss report",
      header: sections.header,
      main: sections.recommendation + sections.heatmap + (prompt.map(sections.prompt) ?? "")
        + sections.skipping + sections.layers,
      footer: sections.footer + "<div id=\"tip\" class=\"tip\" hidden></div>\n",
      data: "<script type=\"application/json\" id=\"report-data\">"
        + ReportData(result, prompt: prompt).json + "</script>\n",
      script: ReportScript.text)
  }

  /// The colours of the themes, then `Assets/report.css`.
  static var style: String {
    PageStyle.colors + String(decoding: PackageResources.report_css, as: UTF8.self)
  }
}
