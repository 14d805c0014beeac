/// What every page of ours begins with.
enum PageStyle {
  /// What a page may load: nothing. Styles and scripts are those written into it.
  static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    + "base-uri 'none'; form-action 'none'"

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
