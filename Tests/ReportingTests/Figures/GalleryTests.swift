import Foundation
import Results
import TestSupport
import Testing

@testable import Reporting

/// Draws every figure in many sizes into the folder that `ALR_GALLERY` names, to be looked at.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ALR_GALLERY"] != nil))
struct GalleryTests {
  @Test(arguments: [(2, 2), (30, 9), (32, 32), (80, 64), (128, 128)])
  func draw(layers: Int, heads: Int) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_GALLERY"])
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    let missing: Set<[Int]> = layers == 30 ? [[4, 2], [4, 3], [17, 8]] : []
    let result = SyntheticResult.make(layers: layers, heads: heads, n: 300, missing: missing)
    let every = FigureOptions(
      heads: (0..<layers).flatMap { layer in
        (0..<heads).map { HeadIndex(layer: layer, head: $0) }
      })
    var scenes = FigureRegistry.all.map {
      (name: $0.name, scene: $0.scene(result, options: FigureOptions()))
    }
    scenes.append(("scatter-all", ScatterFigure.scene(result, options: every)))
    for (name, scene) in scenes {
      for theme in [Theme.light, .dark] {
        let base = "\(folder)/\(name)-\(layers)x\(heads)-\(theme.name)"
        for format in SceneFormat.allCases where format != .html {
          try Data(format.encode(scene, theme: theme, scale: layers > 60 ? 1.5 : 2))
            .write(to: URL(fileURLWithPath: "\(base).\(format.rawValue)"))
        }
      }
    }
  }

  @Test(arguments: [2, 20, 48, 60, 200, 1000], [false, true])
  func drawCaptures(tokens: Int, isHostile: Bool) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_GALLERY"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let capture = SyntheticCapture.make(
      tokens: tokens, bytes: isHostile ? HostileText.tokens : SyntheticCapture.words)
    // Four heads of a layer without a window, and one of a layer with one.
    let options = FigureOptions(
      heads: (0..<4).map { HeadIndex(layer: 0, head: $0) } + [HeadIndex(layer: 2, head: 1)]
    ).withPeaks(of: capture)
    for figure in FigureRegistry.captures {
      let scene = figure.scene(capture, options: options)
      for theme in [Theme.light, .dark] {
        let base =
          "\(folder)/\(figure.name)-\(tokens)\(isHostile ? "-hostile" : "")-\(theme.name)"
        for format in SceneFormat.allCases where format != .html {
          try Data(format.encode(scene, theme: theme))
            .write(to: URL(fileURLWithPath: "\(base).\(format.rawValue)"))
        }
      }
    }
  }

  @Test(arguments: [(30, 9), (32, 32), (80, 64)])
  func print(layers: Int, heads: Int) throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_GALLERY"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let result = SyntheticResult.make(
      layers: layers, heads: heads, missing: [[4, 2], [4, 3], [17, 8]])
    let styles = [
      TerminalStyle(width: 100, color: .truecolor, unicode: true),
      TerminalStyle(width: 80, color: .ansi256, unicode: true),
      TerminalStyle(width: 60, color: .none, unicode: true),
      TerminalStyle(width: 40, color: .none, unicode: false),
    ]
    for style in styles {
      let text =
        LayerTable.render(result, style: style) + "\n"
        + (TerminalHeatmap.render(result, style: style) ?? "")
      try Data(text.utf8).write(
        to: URL(
          fileURLWithPath: "\(folder)/terminal-\(layers)x\(heads)-\(style.width).txt"))
    }
  }

  /// Every glyph, and text of many scripts, beside one another in the three formats.
  @Test func drawTypeface() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_GALLERY"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var scene = Scene(width: 760, height: 620, title: "Typeface", summary: "")
    let glyphs = StrokeFont.glyphs.keys.sorted { $0.value < $1.value }
    for (index, scalar) in glyphs.enumerated() {
      scene.add(
        Label(
          String(scalar), at: Point(20 + Double(index % 30) * 24, 30 + Double(index / 30) * 28),
          size: 18))
    }
    let texts = [
      "中文 and Latin", "مرحبا بالعالم", "👩‍👩‍👧 emoji 😀", "हिन्दी", "a\u{1b}[0m\u{202e}b\n",
      LabelText.token(Array(" Ġ café → žluťoučký".utf8)), LabelText.token([0xe4, 0xb8, 0x41]),
    ]
    for (index, text) in texts.enumerated() {
      let y = 400 + Double(index) * 28
      scene.add(Label(text, at: Point(20, y), size: 14))
      scene.add(Label(text, at: Point(740, y), size: 14, anchor: .end, weight: .bold))
    }
    for format in SceneFormat.allCases {
      try Data(format.encode(scene))
        .write(to: URL(fileURLWithPath: "\(folder)/typeface.\(format.rawValue)"))
    }
  }

  @Test func writeReports() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["ALR_GALLERY"])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let results = [
      "report": SyntheticResult.make(
        layers: 30, heads: 9, kvHeads: 3, n: 1024, missing: [[4, 2], [4, 3], [17, 8]]),
      "report-large": SyntheticResult.make(layers: 32, heads: 32, n: 1024, name: "Synthetic-7B"),
      "report-huge": SyntheticResult.make(
        layers: 80, heads: 64, kvHeads: 8, n: 1024, name: "Synthetic-70B"),
      "report-small": SyntheticResult.make(layers: 2, heads: 2, n: 12, name: "Tiny"),
      "report-hostile": SyntheticResult.make(
        layers: 3, heads: 2, n: 12, name: HostileText.markup),
    ]
    for (name, result) in results {
      try Data(HTMLReport.document(result).utf8)
        .write(to: URL(fileURLWithPath: "\(folder)/\(name).html"))
    }
  }
}
