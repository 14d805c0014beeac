import Foundation
import Results
import Testing

@testable import Reporting

@Suite struct EvaluationReportTests {
  @Test(arguments: Evaluation.Kind.allCases) func nothingIsLoaded(kind: Evaluation.Kind) {
    let evaluation = SyntheticEvaluation.make(kind, settings: 4, chunks: 3, positions: 60)
    let document = EvaluationReport.document(evaluation)
    let rest = document.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
    for scheme in ["http:", "https:", "//cdn", "url(", "@import", "<link", "src="] {
      #expect(!rest.contains(scheme), "\(scheme)")
    }
    #expect(document.contains("default-src 'none'"))
    #expect(
      document.components(separatedBy: "<svg ").count - 1 == EvaluationFigures.of(evaluation).count)
    #expect(document.contains("<dt>precision</dt><dd>bf16</dd>"))
  }

  @Test(arguments: Evaluation.Kind.allCases) func hostileTextStaysText(kind: Evaluation.Kind) throws
  {
    let plain = SyntheticEvaluation.make(kind, settings: 3, chunks: 2, positions: 40)
    var evaluation = plain
    evaluation.model.name = HostileText.markup
    evaluation.model.architecture = HostileText.markup
    evaluation.model.fingerprint = HostileText.markup
    evaluation.tool = HostileText.markup
    evaluation.corpus?.name = HostileText.markup
    evaluation.corpus?.fingerprint = HostileText.markup
    evaluation.protocolFacts[0] = .init(name: HostileText.markup, value: HostileText.markup)
    evaluation.settings[1].policy = HostileText.markup
    evaluation.settings[2].plan = HostileText.markup
    evaluation.settings[2].positions = HostileText.markup
    for index in evaluation.cells.indices {
      for place in evaluation.cells[index].coordinates.indices {
        if case .name(let name) = evaluation.cells[index].coordinates[place].value {
          evaluation.cells[index].coordinates[place].value = .name(HostileText.markup + name)
        }
      }
      evaluation.cells[index].scores.append(
        .init(name: HostileText.markup, mean: 1, deviation: nil, error: nil))
    }
    let document = EvaluationReport.document(evaluation)
    let other = EvaluationReport.document(plain)
    for tag in ["<script", "</script", "<img", "<!--"] {
      #expect(
        document.components(separatedBy: tag).count == other.components(separatedBy: tag).count,
        "\(tag)")
    }
    for hidden in ["\u{2028}", "\u{202e}", "\u{2066}"] { #expect(!document.contains(hidden)) }
    for part in document.components(separatedBy: "<svg ").dropFirst() {
      let end = try #require(part.range(of: "</svg>"))
      _ = try XMLCheck.elements("<svg " + part[..<end.upperBound])
    }
  }

  @Test func tableHoldsTheScores() throws {
    let evaluation = SyntheticEvaluation.make(.lm, settings: 4, chunks: 3, positions: 60)
    let document = EvaluationReport.document(evaluation)
    let body = try #require(
      document.components(separatedBy: "<tbody>").last?.components(separatedBy: "</tbody>").first)
    #expect(body.components(separatedBy: "<tr").count == 5)
    #expect(body.contains("data-value=\"18\">18.00 <span class=\"muted\">± 0.80</span>"))
    #expect(
      body.contains("<tr class=\"reference\"><th scope=\"row\" class=\"name\" data-value=\"0\">"))
    #expect(body.contains(">keep-low 0.98, cache 500</th>"))
    #expect(document.contains("All compressed settings: skips 0,1."))
    _ = try XMLCheck.elements(
      "<table>\(body)</table>".replacingOccurrences(of: "\n", with: ""))
    // Tasks have a column a subset beside the mean over all.
    let tasks = EvaluationReport.document(SyntheticEvaluation.make(.longbench, settings: 2))
    for subset in ["narrativeqa", "qasper", "hotpotqa", "2wikimqa", "qmsum"] {
      #expect(tasks.contains("<button type=\"button\">\(subset)</button>"))
    }
  }

  @Test(arguments: Evaluation.Kind.allCases) func filesAreReportAndFigures(kind: Evaluation.Kind) {
    let evaluation = SyntheticEvaluation.make(
      kind, settings: 2, chunks: 2, positions: 40, places: 2)
    let files = EvaluationReportWriter.files(evaluation)
    let figures = EvaluationFigures.of(evaluation).flatMap {
      ["figures/\($0.name).svg", "figures/\($0.name).png"]
    }
    #expect(files.map(\.name) == ["report.html"] + figures)
    #expect(files.allSatisfy { $0.bytes.count > 500 })
    #expect(EvaluationReportWriter.files(evaluation) == files)
  }
}

/// Writes the pages that the browser check opens into the folder that `ALR_REPORTS` names.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ALR_REPORTS"] != nil))
struct EvaluationBrowserReports {
  @Test(arguments: Evaluation.Kind.allCases) func write(kind: Evaluation.Kind) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_REPORTS"]) + "/evaluations"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var evaluation = SyntheticEvaluation.make(kind, settings: 12, chunks: 3, positions: 300)
    if kind != .lm {
      evaluation.model.name = HostileText.markup
      evaluation.settings[3].policy = HostileText.markup
      evaluation.cells[2].scores[0].mean = nil
    }
    try Data(EvaluationReport.document(evaluation).utf8)
      .write(to: URL(fileURLWithPath: "\(folder)/\(kind.rawValue).html"))
  }
}
