import Foundation
import Results
import TestSupport
import Testing

@testable import Reporting

struct PlanReportTests {
  private static func frontier(name: String = "M") -> PlanFrontier {
    let model = SyntheticLayers.evaluation(layers: 3, kept: [0.5]) { _, _, _ in 0 }.model
    var frontier = PlanFrontier(model: model, objective: .outputError, entries: [])
    frontier.model.name = name
    for saved in [0.25, 0.5] {
      for (rule, cost) in [("uniform", 4 * saved), ("head-budgets", saved)] {
        frontier.entries.append(
          .init(
            rule: rule, kind: .headBudgets, saved: saved, isChosen: rule == "head-budgets",
            predicted: PlanPrediction([
              .outputError: .init(madeOn: cost, others: cost + 0.125),
              .sensitivity: .init(madeOn: 0.0625, others: nil),
            ])))
      }
    }
    return frontier
  }

  private static func plan(saved: Double, name: String = "M") -> CompressionPlan {
    CompressionPlan(
      tool: "alr-analyze", modelName: name, modelFingerprint: "f", score: "key-norm",
      kind: .headBudgets, keepRatios: [[1, 1], [0.25, 0.75], [0.5, 0.5]],
      origin: .init(
        source: "abc", rule: "head-budgets", objective: "output-error", saved: saved,
        predicted: PlanPrediction()))
  }

  @Test func thePageShowsWhatWasAskedFor() throws {
    let document = PlanReport.document(
      [("plan.json", Self.plan(saved: 0.5))], Self.frontier(),
      explanation: "First paragraph.\n\nSecond paragraph.")
    #expect(document.contains("<p>First paragraph.</p>\n<p>Second paragraph.</p>"))
    // Rules at the share that was asked for, predicted on either half; the others in the figure.
    #expect(document.contains("★ head-budgets</th><td data-value=\"0.5\">50.0 %</td>"))
    #expect(document.contains("\">2.0000</td>") && document.contains("\">2.1250</td>"))
    #expect(!document.contains("\">1.1250</td>"))
    #expect(document.contains("<th scope=\"col\"><button type=\"button\">Rise of negative"))
    #expect(
      document.contains("50.0 % <span class=\"muted\">heads 25.0 % to 75.0 %</span>"))
    #expect(document.components(separatedBy: "<svg ").count == 2)
    #expect(document.contains("from kvpress import KnormPress"))
    let rest = document.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
    for scheme in ["http:", "https:", "url(", "@import", "<link", "src="] {
      #expect(!rest.contains(scheme), "\(scheme)")
    }
  }

  @Test func hostileTextStaysText() {
    let name = HostileText.markup
    func document(_ name: String) -> String {
      var frontier = Self.frontier(name: name)
      frontier.model.architecture = name
      frontier.model.fingerprint = name
      return PlanReport.document(
        [(name, Self.plan(saved: 0.25, name: name))], frontier, explanation: name)
    }
    func count(_ tag: String, _ name: String) -> Int {
      document(name).components(separatedBy: tag).count
    }
    for tag in ["<img", "<script", "</script", "<!--", "onerror='"] {
      #expect(count(tag, name) == count(tag, "plain"), "\(tag)")
    }
  }

  /// Plans that do not have the model's layers, or costs that are no numbers.
  @Test func oddPlansAreShown() {
    var plan = Self.plan(saved: 0.25)
    plan.keepRatios = []
    plan.origin = nil
    var frontier = Self.frontier()
    frontier.entries[0].predicted[.outputError] = .init(madeOn: .nan, others: .infinity)
    #expect(
      PlanReport.document([("a", plan)], frontier, explanation: "").contains(">–</td>"))
    #expect(PlanReport.document([], frontier, explanation: "").contains("</html>"))
    let table = PlanTable.render(
      frontier, saving: [0.25], style: TerminalStyle(width: 80, color: .none, unicode: true))
    #expect(
      table.contains("\n* head-budgets  0.2500  0.3750  0.0625       –"), "\(table)")
  }

  @Test func csvHasAColumnForEveryObjective() {
    let rows = Self.frontier().csv.split(separator: "\n")
    #expect(
      rows[0]
        == "rule,kind,saved,chosen,attention_loss,attention_loss_others,output_error,"
        + "output_error_others,sensitivity,sensitivity_others")
    #expect(rows[2] == "head-budgets,head-budgets,0.25,true,,,0.25,0.375,0.0625,")
  }
}
