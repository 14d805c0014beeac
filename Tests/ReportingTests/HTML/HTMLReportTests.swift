import Foundation
import Results
import TestSupport
import Testing

@testable import Reporting

@Suite struct HTMLReportTests {
  /// What stands between `start` and the next `end`.
  private func part(_ text: String, after start: String, before end: String) -> String? {
    guard let from = text.range(of: start),
      let to = text.range(of: end, range: from.upperBound..<text.endIndex)
    else { return nil }
    return String(text[from.upperBound..<to.lowerBound])
  }

  private func data(_ document: String) throws -> [String: Any] {
    let json = try #require(
      part(document, after: "id=\"report-data\">", before: "</script>"))
    return try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  }

  /// A file that nothing joins to the page would be embedded and never run.
  @Test func everyAssetStandsInThePage() throws {
    let folder = Repository.root.appendingPathComponent("Sources/Reporting/HTML/Assets")
    let assets = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    #expect(!assets.isEmpty)
    let document = HTMLReport.document(SyntheticResult.make(layers: 3, heads: 2, n: 16))
    for asset in assets {
      let text = try String(contentsOf: asset, encoding: .utf8)
      #expect(document.contains(text), "\(asset.lastPathComponent)")
    }
  }

  @Test func nothingIsLoaded() {
    let document = HTMLReport.document(SyntheticResult.make(layers: 3, heads: 2, n: 16))
    var rest = document.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
    for scheme in ["http:", "https:", "//cdn", "url(", "@import", "<link", "src="] {
      #expect(!rest.contains(scheme), "\(scheme)")
    }
    rest = document
    #expect(rest.contains("default-src 'none'"))
  }

  @Test func hostileTextStaysText() throws {
    var result = SyntheticResult.make(layers: 3, heads: 2, n: 16, name: HostileText.markup)
    result.corpus.name = HostileText.markup
    result.tool = HostileText.markup
    result.model.architecture = HostileText.markup
    result.model.fingerprint = HostileText.markup
    result.protocolSummary = ProtocolSummary(
      query: HostileText.markup, score: HostileText.markup, precision: HostileText.markup,
      isa: HostileText.markup)
    result.recommendation.reasons = [HostileText.markup]
    let document = HTMLReport.document(result)
    let plain = HTMLReport.document(SyntheticResult.make(layers: 3, heads: 2, n: 16))
    for tag in ["<script", "</script", "<img", "<!--"] {
      #expect(
        document.components(separatedBy: tag).count == plain.components(separatedBy: tag).count,
        "\(tag)")
    }
    for hidden in ["\u{2028}", "\u{202e}", "\u{2066}"] { #expect(!document.contains(hidden)) }
    #expect(document.contains("\\u{202E}"))
    let score = try #require(try data(document)["score"] as? String)
    #expect(score.hasPrefix("</script>"))
  }

  @Test func jsonText() throws {
    let text = "\"\\<>&'\u{1}\u{7f}\u{2028}\n😀"
    let json = JSONText.string(text)
    #expect(!json.contains("<") && !json.contains("\u{2028}") && !json.contains("'"))
    let read =
      try JSONSerialization.jsonObject(
        with: Data("[\(json)]".utf8), options: []) as? [String]
    #expect(read == [text])
    #expect(
      JSONText.numbers([1, nil, .nan, 0.1234567, -2e-7, 1e20])
        == "[1,null,null,0.123457,-2.00e-7,1.00e20]")
  }

  @Test func numbersComeBack() throws {
    let result = SyntheticResult.make(layers: 3, heads: 2, n: 40, missing: [[1, 1]])
    let data = try data(HTMLReport.document(result))
    #expect(data["layers"] as? Int == 3)
    let metrics = try #require(data["metrics"] as? [[String: Any]])
    let values = try #require(metrics[0]["values"] as? [Any])
    #expect(values.count == 6)
    #expect(values[3] is NSNull)
    let first = try #require(values[0] as? Double)
    let alr = try #require(result.heads[0].measures.alr)
    #expect(abs(first - alr) < 1e-4 * alr)
    let skipping = try #require(data["skipping"] as? [String: Any])
    #expect((skipping["order"] as? [Int])?.count == 3)
    #expect(skipping["positions"] as? [Int] == [40, 40, 40])
    let packed = try #require(skipping["loss"] as? [String: Any])
    let low = try #require(packed["low"] as? [Double])
    let high = try #require(packed["high"] as? [Double])
    #expect(packed["columns"] as? Int == 101 && low.count == 3)
    let words = try inflated(packed["bytes"] as? String ?? "", count: 3 * 101 * 2)
    // Of layer 1 one head has values.
    for (layer, heads) in [(0, 0..<2), (1, 0..<1), (2, 0..<2)] {
      for point in [0, 1, 50, 80, 100] {
        let wanted =
          heads.compactMap {
            LossCurves.mean(
              of: result.arrays[.attentionLoss], foldChunks: result.arrays[.foldChunks],
              layer: layer,
              head: $0)?[point]
          }.reduce(0, +) / Double(heads.count)
        let at = (layer * 101 + point) * 2
        let share = Double(Int(words[at]) | Int(words[at + 1]) << 8) / 65_534
        let loss = low[layer] + (high[layer] - low[layer]) * share
        #expect(abs(loss - wanted) < 2e-5, "layer \(layer), point \(point)")
      }
    }
  }

  /// The slider starts where the recommendation is, also where that is every layer.
  @Test(arguments: [[], [1], [0, 2], [0, 1, 2]])
  func sliderStartsAtTheRecommendation(skipped: [Int]) throws {
    var result = SyntheticResult.make(layers: 3, heads: 2, n: 16)
    result.recommendation.layers = [0.4, 0.6, 0.9].enumerated().map { index, ratio in
      LayerAdvice(
        layer: index, answer: skipped.contains(index) ? .skip : .compress, ratio: ratio)
    }
    let document = HTMLReport.document(result)
    #expect(
      document.contains("id=\"skip-count\" min=\"0\" max=\"3\" value=\"\(skipped.count)\""))
    #expect(document.contains("slider.value = data.skipping.skip.length;"))
    let skipping = try #require(try data(document)["skipping"] as? [String: Any])
    let order = try #require(skipping["order"] as? [Int])
    #expect(order.prefix(skipped.count).sorted() == skipped)
    #expect(order.dropFirst(skipped.count) == [2, 1, 0].filter { !skipped.contains($0) }[...])
  }

  /// Layers that cannot be told yet come between those to skip and those to compress.
  @Test func threeAnswersInThePage() throws {
    var result = SyntheticResult.make(layers: 4, heads: 2, n: 16)
    let answers: [(Answer?, Double?)] = [
      (.compress, 0.9), (.unsure, 0.3), (.skip, 0.4), (nil, nil),
    ]
    result.recommendation.layers = answers.enumerated().map { index, answer in
      LayerAdvice(
        layer: index, answer: answer.0, ratio: answer.1, low: answer.1.map { $0 - 0.1 },
        high: answer.1.map { $0 + 0.1 })
    }
    let document = HTMLReport.document(result)
    let skipping = try #require(try data(document)["skipping"] as? [String: Any])
    #expect(skipping["skip"] as? [Int] == [2])
    #expect(skipping["unsure"] as? [Int] == [1])
    #expect(skipping["order"] as? [Int] == [2, 1, 0, 3])
    #expect(document.contains("Skip layer 2; compress layer 0; cannot tell yet for layer 1."))
    let rows = document.components(separatedBy: "<tr")
      .filter { $0.contains("bar-cell") && $0.contains("<td") }
    #expect(rows.count == 4)
    for (row, part) in zip(
      rows, [">compress</span></td>", ">cannot tell yet</td>", ">skip</span></td>", ">–</td>"])
    { #expect(row.contains(part), "\(row)") }
    #expect(rows[1].contains(" class=\"unsure\"") && rows[1].contains("(0.200 to 0.400)"))
    #expect(!rows[3].contains("class=\"skip\"") && rows[3].contains("width:0.0%"))
  }

  @Test func packedRowsKeepSixteenBits() throws {
    var linear = PackedRows(columns: 4)
    linear.append([10, 12.5, .nan, 20])
    var square = PackedRows(columns: 3, power: 2)
    square.append([0.5, 0.0001, 0])
    func unpacked(_ rows: PackedRows) -> [Double] {
      stride(from: 0, to: rows.bytes.count, by: 2).map { index in
        let word = Int(rows.bytes[index]) | Int(rows.bytes[index + 1]) << 8
        guard word < 65_535 else { return .nan }
        let share = Double(word) / 65_534
        return rows.low[0] + (rows.high[0] - rows.low[0])
          * (rows.power == 2 ? share * share : share)
      }
    }
    let values = unpacked(linear)
    #expect(abs(values[0] - 10) < 1e-9 && abs(values[1] - 12.5) < 1e-4 && values[2].isNaN)
    #expect(abs(values[3] - 20) < 1e-9)
    let fine = unpacked(square)
    #expect(abs(fine[1] - 0.0001) < 0.01 * 0.0001 && fine[2] == 0)
    for count in 0...7 {
      let text = "alr-ALR".utf8.prefix(count)
      #expect(Base64.encoded(Array(text)) == Data(text).base64EncodedString())
    }
    let decoded = try #require(Data(base64Encoded: Base64.encoded(linear.bytes)))
    #expect(Array(decoded) == linear.bytes)
    var coarse = PackedRows(columns: 3, power: 4, width: .byte)
    coarse.append([0.5, 0.001, .nan])
    #expect(coarse.bytes.count == 3 && coarse.bytes[0] == 254 && coarse.bytes[2] == 255)
    #expect(abs(0.5 * pow(Double(coarse.bytes[1]) / 254, 4) - 0.001) < 0.04 * 0.001)
  }

  @Test func binsCoverEveryPositionOnce() {
    for (count, step) in [(1, 1), (16, 4), (17, 4), (1023, 2), (100, 64)] {
      let bins = ReportData.bins(count: count, step: step)
      #expect(bins.flatMap { Array($0) } == Array(0..<count))
      #expect(bins.prefix(16).allSatisfy { $0.count == 1 })
    }
  }

  /// The case that the size limit is stated for.
  @Test func sizeStaysBelowFiveMegabytes() {
    let result = SyntheticResult.make(layers: 32, heads: 32, n: 1024)
    let size = HTMLReport.document(result).utf8.count
    #expect(size < 5_000_000 && size > 2_000_000)
  }

  @Test func tableIsThereWithoutScript() throws {
    var result = SyntheticResult.make(layers: 5, heads: 2, n: 16)
    result.layers[2].alrRatio = nil
    result.layers[3].window = 9
    result.layers[4].kvSource = 1
    let document = HTMLReport.document(result)
    let table = try #require(part(document, after: "<tbody>", before: "</tbody>"))
    #expect(table.components(separatedBy: "<tr").count == 6)
    #expect(table.contains("(window 9)") && table.contains("(keys of layer 1)"))
    #expect(table.contains("data-value=\"\">–"))
    #expect(document.contains("<noscript>"))
    _ = try XMLCheck.elements(
      "<table><tbody>\(table)</tbody></table>".replacingOccurrences(of: "\n", with: ""))
  }
}
