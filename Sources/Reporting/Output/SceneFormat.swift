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
