/// The file formats that a scene can be drawn to.
public enum SceneFormat: String, Sendable, CaseIterable {
  case svg
  case png
  case pdf
  /// A page with the drawing in it that follows the reader's light or dark appearance.
  case html

  /// The file of `scene`. Pixels a unit matter to PNG only, and HTML brings both themes.
  public func encode(_ scene: Scene, theme: Theme = .light, scale: Double = 2) -> [UInt8] {
    switch self {
    case .svg: Array(SVGBackend.document(scene, theme: theme).utf8)
    case .png: PNGBackend.encode(scene, theme: theme, scale: scale)
    case .pdf: PDFBackend.encode(scene, theme: theme)
    case .html: Array(HTMLBackend.document(scene).utf8)
    }
  }
}

/// Draws a scene as a page without network.
public enum HTMLBackend {
  /// A complete document, in UTF-8.
  public static func document(_ scene: Scene) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(HTMLReport.policy)">
    <title>\(Markup.escaped(LabelText.visible(scene.title)))</title>
    <style>
    \(ReportStylesheet.colors)body{margin:0;background:var(--background)}
    svg{display:block;max-width:100%;height:auto;margin:0 auto}
    </style>
    </head>
    <body>
    \(SVGBackend.fragment(scene, coloring: .stylesheet))</body>
    </html>

    """
  }
}
