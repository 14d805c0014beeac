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
    <meta http-equiv="Content-Security-Policy" content="\(PageStyle.policy)">
    <title>\(Markup.escaped(LabelText.visible(scene.title)))</title>
    <style>
    \(PageStyle.colors)body{margin:0;background:var(--background)}
    svg{display:block;max-width:100%;height:auto;margin:0 auto}
    </style>
    </head>
    <body>
    \(SVGBackend.fragment(scene, coloring: .stylesheet))</body>
    </html>

    """
  }
}
