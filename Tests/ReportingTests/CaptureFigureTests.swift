import AttentionAnalysis
import TestSupport
import Testing

@testable import Reporting

@Suite struct CaptureFigureTests {
  @Test(arguments: [1, 2, 17, 300]) func labelsNeitherCollideNorClip(_ tokens: Int) {
    let capture = SyntheticCapture.make(tokens: tokens)
    for figure in FigureRegistry.captures {
      let scene = figure.scene(capture, options: FigureOptions())
      var boxes: [(Rectangle, String)] = []
      for case .label(let label) in scene.primitives {
        let box = FigureTests.box(of: label)
        #expect(
          box.x >= 0 && box.y >= 0 && box.maxX <= scene.width && box.maxY <= scene.height,
          "\(figure.name) \(tokens): \(label.text) leaves the picture")
        boxes.append((box, label.text))
      }
      for (index, (box, text)) in boxes.enumerated() {
        for (other, otherText) in boxes[(index + 1)...] {
          let isApart =
            other.x >= box.maxX || box.x >= other.maxX || other.y >= box.maxY
            || box.y >= other.maxY
          #expect(isApart, "\(figure.name) \(tokens): \(text) meets \(otherText)")
        }
      }
    }
  }

  /// Blank beyond the query and outside the window; long prompts are pooled.
  @Test func mapsAreCausal() throws {
    let capture = SyntheticCapture.make(tokens: 8)
    let scene = AttentionMapFigure.scene(
      capture, options: FigureOptions(heads: [HeadIndex(layer: 2, head: 1)]))
    guard
      case .cells(let map)? = scene.primitives.first(where: {
        if case .cells = $0 { true } else { false }
      })
    else {
      Issue.record("no map")
      return
    }
    for row in 0..<8 {
      for column in 0..<8 {
        let isSeen = column <= row && column > row - 5
        #expect((map.colors[row * 8 + column] != nil) == isSeen)
      }
    }
    #expect(TokenMap.pooling(128) == 1 && TokenMap.pooling(1000) == 8)
  }

  @Test func namesAreApart() {
    let names = FigureRegistry.all.map { $0.name } + FigureRegistry.captures.map { $0.name }
    #expect(Set(names).count == names.count)
    for figure in FigureRegistry.captures {
      #expect(FigureRegistry.capture(named: figure.name) == figure)
    }
  }
}
