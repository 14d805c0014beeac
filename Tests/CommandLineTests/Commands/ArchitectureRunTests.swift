import AttentionAnalysis
import Foundation
import Results
import TestSupport
import Testing

/// What an architecture's own limits do to a run of the tool.
@Suite struct ArchitectureRunTests {
  let workplace: Workplace
  let corpus: String

  init() throws {
    workplace = try Workplace()
    let sentence = "The cat in the hat and another one of 7 ran to the end.\n"
    corpus = try workplace.write("corpus.txt", String(repeating: sentence, count: 40))
  }

  private func model(_ name: String) -> String {
    Repository.root.appendingPathComponent("Tests/InferenceTests/Fixtures/gguf/\(name)").path
  }

  /// Layers under a window have as many candidates as it shows beside the query.
  @Test func windowedLayersHaveFewerCandidates() throws {
    let outcome = try Executable.run(
      [model("gemma2.gguf"), corpus, "--chunk-length", "40", "--max-chunks", "2"],
      in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let result = try ResultsFolder(workplace.path + "/alr-results/gemma2").read()
    #expect(result.model.architecture == "gemma2")
    #expect(result.layers.map(\.window) == [16, nil, 16])
    #expect(result.layers.map(\.n) == [15, 40, 15])
  }

  /// Beyond learned positions there is nothing to compute with.
  @Test func learnedPositionsAreALimit() throws {
    let fits = try Executable.run(
      [model("gpt2.gguf"), corpus, "--chunk-length", "79", "--max-chunks", "1", "--quiet"],
      in: workplace.path)
    #expect(fits.exitCode == 0, "\(fits.errors)")
    let outcome = try Executable.run(
      [model("gpt2.gguf"), corpus, "--chunk-length", "80"], in: workplace.path)
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains("more than the 80 positions"), "\(outcome.errors)")
  }
}
