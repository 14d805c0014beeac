import AttentionAnalysis

/// The files of a results folder that show a result rather than hold it.
public enum ReportWriter {
  /// A file to be written: its path within the results folder, with `/`, and its bytes.
  public struct File: Sendable, Equatable {
    public var path: String
    public var bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// `report.html`, and every figure as SVG and PNG under `figures/`. Nothing is written here, and
  /// the same result gives the same bytes.
  public static func files(_ result: AnalysisResult) -> [File] {
    var files = [File(path: "report.html", bytes: Array(HTMLReport.document(result).utf8))]
    for figure in FigureRegistry.all {
      let scene = figure.scene(result, options: FigureOptions())
      files.append(
        File(path: "figures/\(figure.name).svg", bytes: Array(SVGBackend.document(scene).utf8)))
      files.append(File(path: "figures/\(figure.name).png", bytes: PNGBackend.encode(scene)))
    }
    return files
  }
}
