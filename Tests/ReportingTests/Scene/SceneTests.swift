import Testing

@testable import Reporting

@Suite struct TickTests {
  @Test func roundSteps() {
    #expect(
      Ticks.linear(over: 0...1, maximum: 6).labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(
      Ticks.linear(over: 0...424, maximum: 9).values == [0, 50, 100, 150, 200, 250, 300, 350, 400])
    #expect(
      Ticks.linear(over: 0...1, maximum: 5).labels == ["0.00", "0.25", "0.50", "0.75", "1.00"])
    #expect(
      Ticks.linear(over: -0.25...0.25, maximum: 5).labels == ["−0.2", "−0.1", "0.0", "0.1", "0.2"])
  }

  @Test(arguments: [0.0...1e-7, 0...3.0, 17...17.5, -1...1, 0...123_456, 0.999...1.001, 0...1e300])
  func withinRange(range: ClosedRange<Double>) {
    for maximum in 3...9 {
      let ticks = Ticks.linear(over: range, maximum: maximum)
      let slack = (range.upperBound - range.lowerBound) * 1e-6
      #expect(ticks.values.count <= maximum)
      #expect(!ticks.values.isEmpty)
      #expect(Set(ticks.labels).count == ticks.labels.count)
      for value in ticks.values {
        #expect(value >= range.lowerBound - slack && value <= range.upperBound + slack)
      }
    }
  }

  @Test func powersOfTen() throws {
    #expect(
      Ticks.logarithmic(over: -4.2...(-0.9), maximum: 6).labels == ["1e-4", "1e-3", "1e-2", "1e-1"])
    #expect(
      Ticks.logarithmic(over: -8...0, maximum: 5).labels == ["1e-8", "1e-6", "1e-4", "1e-2", "1e0"])
    #expect(Ticks.logarithmic(over: -3.1...(-2.5), maximum: 5).labels == ["1e-3", "2e-3"])
    #expect(Ticks.logarithmic(over: -400...0, maximum: 5).values.isEmpty)
    for (value, log) in [
      (1.0, 0.0), (10, 1), (1e-300, -300), (2, 0.30102999566398120), (0.7, -0.15490195998574317),
    ] {
      #expect(abs(try #require(Logarithm.base10(value)) - log) <= 1e-13 * max(1, abs(log)))
    }
    #expect(Logarithm.base10(0) == nil && Logarithm.base10(-1) == nil)
  }

  @Test func nothingToMark() {
    #expect(Ticks.linear(over: 2...2, maximum: 5).values == [2])
    #expect(Ticks.linear(over: -.infinity...(.infinity), maximum: 5).values.isEmpty)
    #expect(Ticks.indices(count: 0, spacing: 5, minimumSpacing: 10).isEmpty)
  }

  @Test(arguments: [2, 9, 30, 32, 64, 80, 128])
  func indicesKeepTheirDistance(count: Int) {
    for spacing in [4.0, 5, 10, 20, 84] {
      let indices = Ticks.indices(count: count, spacing: spacing, minimumSpacing: 18)
      #expect(indices.first == 0)
      #expect(zip(indices, indices.dropFirst()).allSatisfy { Double($1 - $0) * spacing >= 18 })
    }
  }

  @Test func axisEnds() {
    #expect(Ticks.roundedUp(0.93) == 1)
    #expect(Ticks.roundedUp(1) == 1)
    #expect(Ticks.roundedUp(1.04) == 1.2)
    #expect(Ticks.roundedUp(37) == 40)
    #expect(Ticks.roundedUp(-3) == 1)
  }
}

@Suite struct NumberTextTests {
  @Test func digits() {
    #expect(NumberText.fixed(0.005, decimals: 2) == "0.01")
    #expect(NumberText.fixed(-0.001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(-12.345, decimals: 1) == "-12.3")
    #expect(NumberText.fixed(.nan, decimals: 1) == "–")
    #expect(NumberText.significant(123.4) == "123")
    #expect(NumberText.significant(0.012345) == "0.0123")
    #expect(NumberText.significant(1e-9) == "1.00e-9")
    #expect(NumberText.significant(1e300) == "1.00e300")
    #expect(NumberText.significant(nil) == "–")
    #expect(NumberText.coordinate(12.500) == "12.5")
    #expect(NumberText.coordinate(-0.0001) == "0")
    #expect(NumberText.grouped(1_100_048_384) == "1,100,048,384")
    #expect(NumberText.grouped(-999) == "-999")
  }
}

@Suite struct NumberFormatTests {
  @Test func allValuesAlike() {
    func texts(_ values: [Double]) -> [String] {
      let format = NumberFormat(for: values)
      return values.map { format.text($0) }
    }
    #expect(texts([0.00941, 122.7]) == ["0.0", "122.7"])
    #expect(texts([885.2, 1224]) == ["885", "1224"])
    #expect(texts([0.5, 9.125, .nan]) == ["0.50", "9.13", "–"])
    #expect(texts([0.00941, 0.0123]) == ["0.0094", "0.0123"])
    #expect(texts([1e-9, 3e-7]) == ["1.00e-9", "3.00e-7"])
    #expect(texts([1, 2e9]) == ["1.00e0", "2.00e9"])
    #expect(texts([0, 0]) == ["0.00", "0.00"])
    #expect(NumberFormat(for: []).text(nil) == "–")
  }
}

@Suite struct ColorMapTests {
  @Test(arguments: [
    (
      ColorMap.viridis,
      [0: "#440154", 64: "#3b528b", 128: "#21918c", 200: "#70cf57", 255: "#fde725"]
    ),
    (
      ColorMap.magma, [0: "#000004", 64: "#51127c", 128: "#b73779", 200: "#fd9869", 255: "#fcfdbf"]
    ),
    (
      ColorMap.cividis,
      [0: "#00224e", 64: "#434e6c", 128: "#7d7c78", 200: "#c4b468", 255: "#fee838"]
    ),
  ])
  func publishedValues(map: ColorMap, published: [Int: String]) throws {
    for (index, hex) in published {
      let wanted = Color(hex: try #require(UInt32(hex.dropFirst(), radix: 16)))
      let color = try #require(map.color(at: Double(index) / 255))
      for (a, b) in [
        (color.red, wanted.red), (color.green, wanted.green), (color.blue, wanted.blue),
      ] {
        #expect(abs(a - b) <= 3.0 / 255, "\(map.name) at \(index)")
      }
    }
  }

  @Test func divergingIsNeutralInTheMiddle() throws {
    let middle = try #require(ColorMap.diverging.color(at: 0.5))
    #expect(middle.luminance > 0.85)
    // Lightness falls from the middle to both ends and never turns.
    for side in [1.0, -1] {
      let lightness = try (0...20).map {
        try #require(ColorMap.diverging.color(at: 0.5 + side * Double($0) / 40)).luminance
      }
      #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 > $1 })
    }
  }

  @Test func outsideAndMissing() {
    #expect(ColorMap.viridis.color(at: -3) == ColorMap.viridis.color(at: 0))
    #expect(ColorMap.viridis.color(at: 7) == ColorMap.viridis.color(at: 1))
    #expect(ColorMap.viridis.color(at: .nan) == nil)
    #expect(ColorMap.named("magma") == .magma)
    #expect(ColorMap.named("jet") == nil)
  }
}

@Suite struct TextMetricsTests {
  @Test func fitting() {
    let long = String(repeating: "Llama ", count: 100)
    let fitted = TextMetrics.fitted(long, size: 12, width: 100)
    #expect(fitted.hasSuffix("…"))
    #expect(TextMetrics.width(fitted, size: 12) <= 100)
    #expect(TextMetrics.fitted("ok", size: 12, width: 100) == "ok")
    #expect(TextMetrics.fitted(long, size: 12, width: 1) == "")
  }

  @Test func charactersOfTheTypeface() {
    for value in 0x21...0x7e {
      let scalar = Unicode.Scalar(UInt8(value))
      #expect(StrokeFont.glyphs[scalar]?.strokes.isEmpty == false, "\(scalar)")
    }
    for scalar in "ÀÉÎÕÜÇÑßæøåéíöůžčÿ×÷±·−–—≤≥…°µΣ→".unicodeScalars {
      #expect(StrokeFont.glyphs[scalar]?.strokes.isEmpty == false, "\(scalar)")
    }
    // Whatever a base font of PDF can write has the same room in the other formats.
    let winAnsi =
      (0xa1...0xff).compactMap { Unicode.Scalar(UInt8($0)) } + PDFText.beyondLatin1.keys
    for scalar in winAnsi where scalar != "\u{ad}" {
      #expect(StrokeFont.glyphs[scalar]?.strokes.isEmpty == false, "\(scalar)")
    }
    // Composed letters without a glyph would have been left out of the table unnoticed.
    for scalar
      in "ĀāĂăĄąĈĉĊċĎďĐđĒēĘęĚěĠġĢģĦħĪīİıĴĵĶķĹĺĽľŁłŃńŅŇňŊŋŌōŐőŔŕŘřŚśŜŞşŢţŤťŦŧŨŪŬŮŰűŲŴŶŸŹŻż␣ρ"
      .unicodeScalars
    {
      #expect(StrokeFont.glyphs[scalar]?.strokes.isEmpty == false, "\(scalar)")
    }
  }

  private func drawn(_ text: String) -> String {
    String(String.UnicodeScalarView(StrokeFont.drawable(text)))
  }

  @Test func charactersWithoutAGlyphAreSpelledOut() {
    #expect(drawn("a中") == "a\\u{4E2D}")
    #expect(drawn("🇨🇿\u{202e}\n") == "\\u{1F1E8}\\u{1F1FF}\\u{202E}\\n")
    // Decomposed letters, as names of files have them.
    #expect(
      Array(drawn("e\u{301}n\u{303}x\u{301}").unicodeScalars) == Array("éñx\\u{301}".unicodeScalars)
    )
    #expect(
      TextMetrics.width("中", size: 10) == TextMetrics.width("\\u{4E2D}", size: 10))
  }

  @Test func controlCharactersBecomeSpaces() {
    #expect(TextMetrics.singleLine("a\nb\u{1b}[2J\u{202e}c") == "a b [2J c")
  }
}

@Suite struct LabelRoomTests {
  private func picture(_ label: Label) throws -> PNGDecoder {
    let scene = Scene(
      width: 160, height: 20, title: "", summary: "", primitives: [.label(label)])
    return try PNGDecoder(PNGBackend.encode(scene, scale: 1))
  }

  private func drawn(_ text: String, room: Double) -> String {
    String(String.UnicodeScalarView(StrokeFont.drawable(text, room: room)))
  }

  /// What PNG and PDF spell out is cut there, and whole in SVG.
  @Test func eachFormatCutsWhatItDraws() {
    let label = Label("中文字符", at: Point(0, 15), size: 10, room: 60)
    let scene = Scene(width: 99, height: 20, title: "", summary: "", primitives: [.label(label)])
    #expect(SVGBackend.document(scene).contains(">中文字符</text>"))
    #expect(drawn(label.text, room: 6) == "\\u{4E2D}\\u…")
    #expect(PDFText(label.text, room: 6).width <= 6)
    #expect(!PDFText(label.text, room: 6).isPlain)
    // A minus sign, drawn as a dash, is copied as itself.
    #expect(!PDFText("−1").isPlain && PDFText("–1").isPlain && PDFText("-1").isPlain)
    let long = Label(String(repeating: "中", count: 9), at: Point(0, 15), size: 10, room: 60)
    let cut = Scene(width: 99, height: 20, title: "", summary: "", primitives: [.label(long)])
    #expect(SVGBackend.document(cut).contains(">中中中中中…</text>"))
  }

  @Test(arguments: ["👩‍👩‍👧", "﷽", "🇨🇿", "𒀱", "internationalization", "\u{1F468}\u{200D}\u{1F469}"])
  func nothingBecomesAnEllipsis(text: String) throws {
    for size in [7.5, 9.5] {
      let fitted = TextMetrics.fittedInAnyScript(text, size: size, width: 72)
      #expect(!fitted.isEmpty && fitted != "…")
      let spelled = TextMetrics.fitted(text, size: size, width: 72)
      #expect(!spelled.isEmpty && spelled != "…")
      let room = 72 / size
      #expect(StrokeFont.layout(text, room: room).width <= room)
      #expect(StrokeFont.layout(text, room: room).glyphs.count > 4)
    }
  }

  /// Ink ends where the room does, whatever the anchor and the weight.
  @Test(arguments: [Label.Anchor.start, .middle, .end], [Label.Weight.regular, .bold])
  func inkStaysInsideTheRoom(anchor: Label.Anchor, weight: Label.Weight) throws {
    let text = String(repeating: "語", count: 5)
    let start: [Label.Anchor: Double] = [.start: 80, .middle: 55, .end: 30]
    let left = try #require(start[anchor])
    let decoded = try picture(
      Label(text, at: Point(80, 15), size: 10, anchor: anchor, weight: weight, room: 50))
    for x in 0..<160 {
      let hasInk = (0..<20).contains { decoded.pixel(x, $0) != [255, 255, 255] }
      #expect(!hasInk || (Double(x) >= left - 1 && Double(x) <= left + 50))
    }
    #expect((0..<20).contains { decoded.pixel(Int(left) + 25, $0) != [255, 255, 255] })
  }
}

@Suite struct LabelTextTests {
  @Test(arguments: [
    ("plain – text", "plain – text"), ("a\nb\r\t\u{1b}[2J\u{0}", "a\\nb\\r\\t\\u{1B}[2J\\u{0}"),
    ("\u{202e}\u{feff}\u{fffe}\u{e000}\u{2028}", "\\u{202E}\\u{FEFF}\\u{FFFE}\\u{E000}\\u{2028}"),
    ("中文 مرحبا हिन्दी", "中文 مرحبا हिन्दी"), ("👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️", "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️"),
    ("\u{200d}", "\\u{200D}"), ("\u{301}", "\\u{301}"), ("\u{3164}", "\\u{3164}"),
    ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}\u{301}\\u{301}"),
  ])
  func nothingIsHidden(text: String, shown: String) {
    // Scalar by scalar: equality of strings looks past how they are composed.
    #expect(Array(LabelText.visible(text).unicodeScalars) == Array(shown.unicodeScalars))
    #expect(LabelText.visible(shown) == shown)
  }

  @Test(arguments: [
    (Array(" café".utf8), "␣café"), (Array("\n\n".utf8), "\\n\\n"), ([], "\"\""),
    ([0xe4, 0xb8, 0xad], "中"), ([0xe4, 0xb8], "<0xE4><0xB8>"), ([0x61, 0xff, 0x62], "a<0xFF>b"),
    ([0xc0, 0x80], "<0xC0><0x80>"), ([0xed, 0xa0, 0x80], "<0xED><0xA0><0x80>"),
    ([0xb8, 0x0a, 0xf0, 0x9f, 0x98, 0x80], "<0xB8>\\n😀"), (Array("\u{a0}".utf8), "\\u{A0}"),
  ])
  func tokens(bytes: [UInt8], shown: String) {
    #expect(LabelText.token(bytes) == shown)
  }
}
