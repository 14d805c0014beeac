/// The report's style sheet: the colours of the themes, then `Assets/report.css`.
enum ReportStylesheet {
  static var text: String { colors + String(decoding: PackageResources.report_css, as: UTF8.self) }

  /// Colours of both themes as custom properties named after their roles.
  static var colors: String {
    func properties(_ theme: Theme) -> String {
      ThemeRole.allCases.map { "--\($0.rawValue):\(theme[$0].hexString)" }.joined(separator: ";")
    }
    return """
      :root{color-scheme:light dark;\(properties(.light))}
      @media (prefers-color-scheme:dark){:root{\(properties(.dark))}}
      @media print{:root{color-scheme:light;\(properties(.light))}}

      """
  }
}
