import Foundation
import Results
import TestSupport
import Testing

@testable import Reporting

@Suite struct TableTests {
  private func result(name: String = "M_1") -> AnalysisResult {
    var result = SyntheticResult.make(layers: 2, heads: 2, kvHeads: 1, n: 8, name: name)
    result.corpus.name = "a&b.txt"
    result.layers[0] = LayerResult(
      layer: 0, n: 8, window: nil, kvSource: nil, alr: 122.7, alrSE: 15.96, alrNormalized: 0.1198,
      alrRatio: 1.25, alrRatioSE: nil)
    result.layers[1] = LayerResult(
      layer: 1, n: 8, window: nil, kvSource: nil, alr: 0.00941, alrSE: 0.1, alrNormalized: nil,
      alrRatio: .nan, alrRatioSE: 0.5)
    result.recommendation.layers = [
      LayerAdvice(layer: 0, answer: .skip, ratio: 1.31, low: 1.1, high: 1.52),
      LayerAdvice(layer: 1, answer: .unsure, ratio: 0.98, chunksNeeded: 24),
    ]
    return result
  }

  @Test func markdown() {
    let text = TableFormat.markdown.text(LayersTable.table(result(), rows: TableRows()))
    #expect(
      text == #"""
        **Layers**: M\_1 · a&amp;b.txt · 16 chunks × 8 positions · query next

        | Layer |          ALR | ALR / n | ALR ratio | KV ratio | 95 % from |    to |          Answer | Chunks needed |
        | ----: | -----------: | ------: | --------: | -------: | --------: | ----: | --------------: | ------------: |
        |     0 | 122.7 ± 16.0 |  0.1198 |     1.250 |    1.310 |     1.100 | 1.520 |            skip |               |
        |     1 |    0.0 ± 0.1 |       – |         – |    0.980 |         – |     – | cannot tell yet |            24 |

        """#)
  }

  @Test func latex() {
    let text = TableFormat.latex.text(LayersTable.table(result(), rows: TableRows()))
    #expect(
      text == #"""
        \begin{table}
        \centering
        \caption{Layers. M\_1, a\&b.txt, 16 chunks $\times$ 8 positions, query next.}
        \label{tab:alr-layers}
        \begin{tabular}{rrrrrrrrr}
        \toprule
        Layer & ALR & ALR / n & ALR ratio & KV ratio & 95 \% from & to & Answer & Chunks needed \\
        \midrule
        0 & $122.7 \pm 16.0$ & $0.1198$ & $1.250$ & $1.310$ & $1.100$ & $1.520$ & skip &  \\
        1 & $0.0 \pm 0.1$ & -- & -- & $0.980$ & -- & -- & cannot tell yet & 24 \\
        \bottomrule
        \end{tabular}
        \end{table}

        """#)
  }

  @Test func csvKeepsEveryDigit() {
    let text = TableFormat.csv.text(LayersTable.table(result(), rows: TableRows()))
    #expect(
      text
        == "layer,alr,alr_se,alr_normalized,alr_ratio,alr_ratio_se,kv_alr_ratio,kv_alr_ratio_low,"
        + "kv_alr_ratio_high,answer,chunks_needed\r\n"
        + "0,122.7,15.96,0.1198,1.25,,1.31,1.1,1.52,skip,\r\n"
        + "1,0.00941,0.1,,,0.5,0.98,,,unsure,24\r\n")
  }

  @Test func rowsOfHeads() {
    let result = result()
    let heads = HeadsTable.table(result, rows: TableRows(layers: [1]))
    #expect(heads.rowCount == 2)
    #expect(heads.columns[1].cells == [.integer(0), .integer(1)])
    #expect(
      heads.columns[3].cells[1]
        == .measure(result.heads[3].measures.alr, error: result.heads[3].measures.alrSE))
    let kvHeads = KVHeadsTable.table(result, rows: TableRows())
    #expect(kvHeads.rowCount == 2)
    #expect(kvHeads.columns.map(\.key).prefix(3) == ["layer", "kv_head", "alr"])
    #expect(
      TableFormat.csv.text(kvHeads).hasPrefix(
        "layer,kv_head,alr,alr_se,alr_normalized,alr_ratio,alr_ratio_se,spearman\r\n"))
  }

  @Test func windowsAreTold() {
    var result = result()
    result.layers[1].n = 4
    let table = LayersTable.table(result, rows: TableRows())
    #expect(table.columns[1].key == "n" && table.columns[1].cells == [.integer(8), .integer(4)])
  }

  @Test(arguments: [HostileText.markup, "a|b\n| c", #"\input{x} $y$ %z ~^#{}"#, "中文 \u{202e}"])
  func namesAreNotMarkup(name: String) {
    let table = LayersTable.table(result(name: name), rows: TableRows())
    let plain = LayersTable.table(result(), rows: TableRows())
    for format in TableFormat.allCases {
      let text = format.text(table)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(
        lines.count
          == format.text(plain).split(separator: "\n", omittingEmptySubsequences: false).count)
      #expect(!text.contains("<script") && !text.contains("\u{202e}"))
    }
    let latex = TableFormat.latex.text(table)
    #expect(!latex.contains(#"\input"#) && !latex.contains(" $y") && !latex.contains(" %"))
    let caption = TableFormat.markdown.text(table).split(separator: "\n")[0]
    #expect(!caption.replacing(#"\|"#, with: "").contains("|"))
  }

  @Test func tinyAndHugeNumbers() {
    var result = result()
    result.layers[0].alr = 3e9
    result.layers[1].alr = 1e-9
    let table = LayersTable.table(result, rows: TableRows())
    #expect(TableFormat.latex.text(table).contains(#"$3.00 \times 10^{9} \pm 1.60 \times 10^{1}$"#))
    #expect(TableFormat.markdown.text(table).contains("| 1.00e-9 ± 1.00e-1 |"))
  }

  @Test func everyTableIsRegisteredOnce() throws {
    let kinds = try Repository.sourceFiles(in: "Reporting/Tables")
      .filter { $0.hasSuffix("Table") && $0 != "ReportTable" }
    #expect(Set(kinds) == Set(TableRegistry.all.map { "\($0)" }))
    #expect(TableRegistry.all.map { $0.name } == ["layers", "heads", "kv-heads"])
    #expect(TableRegistry.named("no-such") == nil)
  }
}
