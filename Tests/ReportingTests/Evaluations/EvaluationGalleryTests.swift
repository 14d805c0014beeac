import Foundation
import Results
import Testing

@testable import Reporting

/// Draws every figure of evaluations into the folder that `ALR_GALLERY` names, to be looked at.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ALR_GALLERY"] != nil))
struct EvaluationGalleryTests {
  @Test(arguments: Evaluation.Kind.allCases, [1, 4, 12, 40])
  func draw(kind: Evaluation.Kind, settings: Int) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_GALLERY"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let evaluation = SyntheticEvaluation.make(
      kind, settings: settings, positions: kind == .lm && settings == 4 ? 3999 : 999,
      places: kind == .needle && settings == 1 ? 40 : 8)
    let base = "\(folder)/\(kind.rawValue)-\(settings)"
    func write(_ bytes: [UInt8], _ name: String) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(base)-\(name)"))
    }
    for figure in EvaluationFigures.of(evaluation) {
      let scene = figure.scene(evaluation, options: FigureOptions())
      try write(SceneFormat.png.encode(scene, scale: 1.5), "\(figure.name).png")
      try write(SceneFormat.png.encode(scene, theme: .dark, scale: 1.5), "\(figure.name)-dark.png")
    }
    for file in EvaluationReportWriter.files(evaluation) where file.name == "report.html" {
      try write(file.bytes, file.name)
    }
    let tables = [80, 60, 120].map { width in
      EvaluationTable.render(
        evaluation, style: TerminalStyle(width: width, color: .none, unicode: true))
    }
    try write(Array(tables.joined(separator: "\n").utf8), "terminal.txt")
  }
}
