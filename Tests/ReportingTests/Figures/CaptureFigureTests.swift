import Results
import TestSupport
import Testing

@testable import Reporting

@Suite struct CaptureFigureTests {
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
  }

  private func axis(_ tokens: Int) -> TokenAxis {
    TokenAxis(
      (0..<tokens).map { CapturedToken(id: $0, piece: "t\($0)", bytes: Array("t\($0)".utf8)) })
  }

  @Test func longPromptsArePooled() {
    #expect(axis(128).pooling == 1 && axis(1000).pooling == 8 && axis(1000).cells == 125)
    #expect(axis(0).cells == 0 && axis(0).side == 0)
  }

  /// All tokens as long as their labels can be read, then every second, every third.
  @Test(arguments: [1, 2, 20, 40, 48, 50]) func everyTokenIsLabelled(count: Int) {
    let axis = axis(count)
    #expect(axis.labelled == Array(0..<count))
    #expect(axis.labelSize >= 7.5 && axis.labelSize <= 9.5)
    #expect(axis.side <= TokenAxis.mostSide && axis.side > TokenAxis.leastSide * 0.97)
  }

  @Test(arguments: [51, 60, 100, 128, 129, 200, 1000, 4096]) func labelsThinOutEvenly(count: Int) {
    let axis = axis(count)
    let steps = Set(zip(axis.labelled, axis.labelled.dropFirst()).map { $1 - $0 })
    #expect(steps.count == 1 && axis.labelled.first == 0)
    #expect(axis.labelled.count > 24 && axis.labelled.count <= 52)
    #expect(axis.middle(axis.labelled[1]) - axis.middle(0) >= 1.1 * axis.labelSize)
  }

  /// Heads of a group share their keys: a panel once for each KV head.
  @Test func keysAreDrawnOnce() {
    let capture = SyntheticCapture.make(tokens: 8)
    let heads = (0..<4).map { HeadIndex(layer: 0, head: $0) }
    let scene = KeyVectorFigure.scene(
      capture, options: FigureOptions(heads: heads, positions: [0, 5]))
    let titles = scene.primitives.compactMap { primitive -> String? in
      if case .label(let label) = primitive, label.weight == .bold { label.text } else { nil }
    }
    #expect(
      titles.dropFirst() == [
        "Layer 0, KV head 0, position 0: the", "Layer 0, KV head 0, position 5: \\\\x",
        "Layer 0, KV head 1, position 0: the", "Layer 0, KV head 1, position 5: \\\\x",
      ])
  }

  /// Five heads side by side where they have room, else rows as even as can be.
  @Test func panelsShareRows() {
    func columns(_ panels: Int, _ pitch: Double) -> Int {
      AttentionMapFigure.columns(of: panels, pitch: pitch, room: 1550)
    }
    #expect(columns(5, 246) == 5 && columns(5, 450) == 3 && columns(9, 246) == 5)
    #expect(columns(1, 450) == 1 && columns(0, 246) == 1 && columns(4, 5000) == 1)
  }

  /// What a token is called says all that it is: no blank and nothing hidden.
  @Test(arguments: zip(HostileText.tokens, HostileText.tokenLabels))
  func tokensOfAnyKind(bytes: [UInt8], label: String) {
    let token = CapturedToken(id: 0, piece: "<|end|>", bytes: bytes)
    #expect(Array(LabelText.axis(token).unicodeScalars) == Array(label.unicodeScalars))
  }

  @Test func namesAreApart() {
    let names = FigureRegistry.all.map { $0.name } + FigureRegistry.captures.map { $0.name }
    #expect(Set(names).count == names.count)
    for figure in FigureRegistry.captures {
      #expect(FigureRegistry.capture(named: figure.name) == figure)
    }
  }
}
