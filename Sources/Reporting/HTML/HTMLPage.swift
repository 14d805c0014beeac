/// What pages have in common: one file that loads nothing, and tables that a script sorts.
enum HTMLPage {
  /// A whole document; every part is HTML already.
  ///
  /// - Parameters:
  ///   - data: elements behind the page, for the script.
  static func document(
    title: String, header: String, main: String, footer: String, data: String = "", script: String
  ) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(PageStyle.policy)">
    <meta name="color-scheme" content="light dark">
    <title>\(title)</title>
    <style>
    \(HTMLReport.style)</style>
    </head>
    <body>
    <div class="page">
    \(header)<main>
    \(main)</main>
    \(footer)</div>
    \(data)<script>
    \(script)</script>
    </body>
    </html>

    """
  }

  /// A table whose columns can be sorted.
  ///
  /// - Parameters:
  ///   - head: its `th` elements.
  ///   - rows: `tr` elements.
  ///   - label: the section whose title names it.
  static func table(head: String, rows: [String], label: String) -> String {
    """
    <div class="scroll">
    <table class="scores" aria-labelledby="\(label)-title">
    <thead><tr>\(head)</tr></thead>
    <tbody>
    \(rows.joined(separator: "\n"))
    </tbody>
    </table>
    </div>
    """
  }

  /// Facts as a list of names and values.
  static func list(_ facts: [(String, String)], class name: String) -> String {
    let items = facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }
    return "<dl class=\"\(name)\">\n\(items.joined(separator: "\n"))\n</dl>\n"
  }
}
