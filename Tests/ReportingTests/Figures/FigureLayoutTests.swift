import Results
import TestSupport
import Testing

@testable import Reporting

/// Every registered figure at every size that it may be asked for.
@Suite struct FigureLayoutTests {
  static let sizes = [(1, 1), (2, 2), (30, 9), (32, 32), (80, 64), (128, 128), (1, 64), (64, 1)]

  @Test(arguments: sizes) func figuresOfResults(size: (Int, Int)) {
    var result = SyntheticResult.make(
      layers: size.0, heads: size.1, n: 8, name: "M", missing: [[0, 0]], folds: 1)
    check(result, size)
    // Names that no line holds, and numbers that no cell holds.
    result.model.name = String(repeating: "long-model-name-", count: 40)
    result.corpus.name = String(repeating: "语料", count: 300)
    for index in result.heads.indices {
      result.heads[index].measures.alr = result.heads[index].measures.alr.map { $0 * 1e5 }
    }
    check(result, size)
  }

  private func check(_ result: AnalysisResult, _ size: (Int, Int)) {
    for figure in FigureRegistry.all {
      let scene = figure.scene(result, options: FigureOptions())
      expectNoProblems(scene, "\(figure.name) \(size)")
      #expect(scene.width < 1200 && scene.height < 1200)
    }
    // Single heads: two rows of large panels, and one small panel for each.
    let every = (0..<(size.0 * size.1)).map { HeadIndex(layer: $0 / size.1, head: $0 % size.1) }
    for heads in [Array(every.prefix(5)), Array(every.prefix(40))] {
      for figure in FigureRegistry.all {
        let scene = figure.scene(result, options: FigureOptions(heads: heads))
        expectNoProblems(scene, "\(figure.name) \(size) with \(heads.count) heads")
      }
    }
  }

  @Test(
    arguments: [1, 2, 17, 20, 48, 60, 200, 1000], [SyntheticCapture.usual, HostileText.tokens])
  func figuresOfCaptures(tokens: Int, bytes: [[UInt8]]) {
    let capture = SyntheticCapture.make(tokens: tokens, isSparse: tokens > 200, bytes: bytes)
    let options = FigureOptions().withPeaks(of: capture)
    #expect(options.peaks.count == (tokens > 1 ? 1 : 0))
    for figure in FigureRegistry.captures {
      let scene = figure.scene(capture, options: options)
      expectNoProblems(scene, "\(figure.name) \(tokens)")
      #expect(scene.width < 1760)
    }
  }

  /// All heads of all layers: several rows of panels, the last not full.
  @Test(arguments: [2, 30]) func panelsOfAllHeads(tokens: Int) {
    let capture = SyntheticCapture.make(tokens: tokens)
    let heads = capture.layers.flatMap { layer in
      capture.heads.map { HeadIndex(layer: layer.layer, head: $0) }
    }
    for count in [3, 7, 8] {
      let options = FigureOptions(heads: Array(heads.prefix(count)), positions: [0, 1])
        .withPeaks(of: capture)
      #expect(options.peaks.count == count)
      for figure in FigureRegistry.captures {
        expectNoProblems(figure.scene(capture, options: options), "\(figure.name) \(tokens)")
      }
    }
  }

  private func expectNoProblems(_ scene: Scene, _ name: String) {
    let problems = SceneLayout(scene: scene).problems
    #expect(problems.isEmpty, "\(name): \(problems.prefix(5))")
  }
}
