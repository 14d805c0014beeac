import Inference
import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct HeadMeasurerTests {
  @Test func oneRowIsMeasuredAgainstItsKVHeadsNorms() throws {
    let run = SyntheticRun.small
    let record = try run.record(chunk: 2, layer: 0, kvHead: 1, by: run.measurer())
    let norms = run.keyNorms(chunk: 2, layer: 0, kvHead: 1)
    let order = Oracle.dropOrder(norms)
    #expect(record.heads.count == 2)
    var mean = [Double](repeating: 0, count: 40)
    for (i, head) in record.heads.enumerated() {
      let attention = run.attention(chunk: 2, layer: 0, head: 2 + i, row: 40)
      for p in 0..<40 { mean[p] += Double(attention[p]) / 2 }
      #expect(abs(head.alr - Oracle.alr(attention, order: order)) < 1e-12)
      #expect(abs(head.randomALR - Oracle.randomALR(attention)) < 1e-12)
      #expect(abs(head.alrNormalized - head.alr / 40) < 1e-15)
      let spearman = Oracle.spearman(norms, attention.map { Double($0) })
      #expect(abs(head.spearman - spearman) < 1e-13)
      #expect(head.attention == attention.map { Int64((Double($0) * 0x1p40).rounded()) })
      let losses = Oracle.losses(attention, order: order)
      let units = (0...100).map { Int64((losses[$0 * 40 / 100] * 0x1p40).rounded()) }
      #expect(zip(head.attentionLoss, units).allSatisfy { abs($0 - $1) <= 1 })
    }
    let group = mean.map { Float($0) }
    #expect(abs(record.group.alr - Oracle.alr(group, order: order)) < 1e-12)
    #expect(
      abs(record.group.spearman - Oracle.spearman(norms, group.map { Double($0) })) < 1e-13)
    #expect(record.group.attention.isEmpty)
    #expect(record.keyNorms == norms.map { Int64(($0 * 0x1p24).rounded(.toNearestOrEven)) })
  }

  @Test func aWindowLeavesItsLastPositions() throws {
    let run = SyntheticRun.small
    let record = try run.record(chunk: 0, layer: 1, kvHead: 0, by: run.measurer())
    let norms = Array(run.keyNorms(chunk: 0, layer: 1, kvHead: 0).suffix(8))
    let attention = run.attention(chunk: 0, layer: 1, head: 0, row: 40)
    #expect(attention.count == 8)
    #expect(record.keyNorms.count == 8 && record.heads[0].attention.count == 8)
    let expected = Oracle.alr(attention, order: Oracle.dropOrder(norms))
    #expect(abs(record.heads[0].alr - expected) < 1e-12)
    #expect(abs(record.heads[0].alrNormalized - expected / 8) < 1e-13)
  }

  @Test(arguments: [QuerySelection.last(5), .all(stride: 3), .all(stride: 4)])
  func manyRowsAreAveragedEachAgainstItsPrefix(query: QuerySelection) throws {
    var run = SyntheticRun.small
    run.query = query
    let rows = query.rows(n: 40)
    for layer in 0..<2 {
      let record = try run.record(chunk: 1, layer: layer, kvHead: 0, by: run.measurer())
      let norms = run.keyNorms(chunk: 1, layer: layer, kvHead: 0)
      var alr = 0.0
      var normalized = 0.0
      var curve = 0.0
      for row in rows {
        let attention = run.attention(chunk: 1, layer: layer, head: 1, row: row)
        let candidates = attention.count
        let order = Oracle.dropOrder(Array(norms[(row - candidates)..<row]))
        let rowALR = Oracle.alr(attention, order: order)
        alr += rowALR / Double(rows.count)
        normalized += rowALR / Double(candidates) / Double(rows.count)
        curve +=
          Oracle.losses(attention, order: order)[30 * candidates / 100] / Double(rows.count)
      }
      #expect(abs(record.heads[1].alr - alr) < 1e-12)
      #expect(abs(record.heads[1].alrNormalized - normalized) < 1e-12)
      #expect(abs(Double(record.heads[1].attentionLoss[30]) / 0x1p40 - curve) < 1e-11)
    }
  }

  @Test func spearmanAndPositionsComeFromTheLastRowWhetherAveragedOrNot() throws {
    var run = SyntheticRun.small
    let next = try run.record(chunk: 0, layer: 0, kvHead: 0, by: run.measurer())
    // Rows 32 and 37, and 40 for the arrays alone.
    run.query = .all(stride: 5)
    let strided = try run.record(chunk: 0, layer: 0, kvHead: 0, by: run.measurer())
    #expect(strided.heads[0].spearman == next.heads[0].spearman)
    #expect(strided.heads[0].attention == next.heads[0].attention)
    #expect(strided.keyNorms == next.keyNorms)
    #expect(strided.heads[0].alr != next.heads[0].alr)
  }

  @Test func earlierWorkDoesNotMatter() throws {
    var run = SyntheticRun.small
    run.query = .last(6)
    let reused = try run.measurer()
    for (layer, kvHead) in [(0, 0), (1, 1), (2, 0)] {
      let fresh = try run.record(chunk: 3, layer: layer, kvHead: kvHead, by: run.measurer())
      let again = try run.record(chunk: 3, layer: layer, kvHead: kvHead, by: reused)
      #expect(again == fresh)
    }
  }

  /// A window and a chunk longer than what a network sorts at once.
  @Test(arguments: Kernels.availableNames, [QuerySelection.next, .last(5), .all(stride: 60)])
  func everyInstructionSetGivesTheSameBits(_ name: String, query: QuerySelection) throws {
    var run = SyntheticRun(
      shape: RunShape(
        layers: [.init(), .init(window: 150)], heads: 4, kvHeads: 2, chunkLength: 300),
      query: query)
    run.kernels = try Kernels(named: "scalar")
    let expected = try run.result(run.accumulate([0, 1]))
    run.kernels = try Kernels(named: name)
    #expect(try isIdentical(run.result(run.accumulate([0, 1])), expected))
  }

  /// Several orders are measured against one row as each would be alone.
  @Test(arguments: [QuerySelection.next, .last(5), .all(stride: 3)])
  func scoresDoNotMeetEachOther(query: QuerySelection) throws {
    var run = SyntheticRun.small
    run.query = query
    let scores: [any EvictionScore] = [KeyNorm(), LongNorms(), Middle()]
    for layer in 0..<2 {
      let together = try run.records(
        chunk: 1, layer: layer, kvHead: 1, by: run.measurer(scores))
      #expect(together.count == 3)
      for (score, record) in zip(scores, together) {
        let alone = try run.record(chunk: 1, layer: layer, kvHead: 1, by: run.measurer([score]))
        #expect(record == alone)
      }
      #expect(Set(together.map(\.heads[0].alr)).count == 3)
      #expect(together[1].keyNorms == together[0].keyNorms)
    }
  }

  /// A score that depends on what else is cached is asked again for every row.
  @Test func eachRowIsOrderedByWhatIsCachedBeforeIt() throws {
    var run = SyntheticRun.small
    run.query = .last(5)
    for layer in 0..<2 {
      let record = try run.record(chunk: 0, layer: layer, kvHead: 0, by: run.measurer([Middle()]))
      let norms = run.keyNorms(chunk: 0, layer: layer, kvHead: 0)
      var alr = 0.0
      for row in 36...40 {
        let attention = run.attention(chunk: 0, layer: layer, head: 1, row: row)
        let cached = Array(norms[..<row].suffix(attention.count))
        let mean = cached.reduce(0, +) / Double(cached.count)
        // The norm that is farthest from the mean goes first; of two as far the later.
        let order = attention.indices.sorted {
          (abs(cached[$0] - mean), $0) > (abs(cached[$1] - mean), $1)
        }
        alr += Oracle.alr(attention, order: order) / 5
      }
      #expect(abs(record.heads[1].alr - alr) < 1e-12)
    }
  }

  @Test func aGroupOfOneIsItsHead() throws {
    var run = SyntheticRun.small
    run.shape.heads = 2
    let record = try run.record(chunk: 0, layer: 0, kvHead: 1, by: run.measurer())
    var head = record.heads[0]
    head.attention = []
    #expect(record.heads.count == 1 && record.group == head)
  }

  @Test func onePositionHasNoRatioAndNoCorrelation() throws {
    let run = SyntheticRun(
      shape: RunShape(layers: [.init(), .init(window: 1)], heads: 2, kvHeads: 1, chunkLength: 1))
    let record = try run.record(chunk: 0, layer: 0, kvHead: 0, by: run.measurer())
    #expect(record.heads[0].alr == 0 && record.heads[0].randomALR == 0)
    #expect(record.heads[0].spearman.isNaN)
    let result = try run.result(run.accumulate([0, 1]))
    #expect(result.heads[0].measures.alr == 0)
    #expect(result.heads[0].measures.alrRatio == nil)
    #expect(result.heads[0].measures.alrRatioSE == nil)
    #expect(result.heads[0].measures.spearman == nil)
    #expect(result.layers[0].alrRatio == nil)
    // A window of one leaves the query itself and no candidate.
    #expect(result.layers[1].n == 0 && result.layers[1].alrNormalized == nil)
    #expect(result.recommendation.layers == [0, 1].map { LayerAdvice(layer: $0, answer: nil) })
    #expect(
      result.recommendation.reasons == [
        "Nothing follows for layers 0, 1: whatever is dropped, the loss is the same, so there is no "
          + "ratio."
      ])
  }

  @Test func namesTheHeadAndRowWhoseAttentionIsNotFinite() throws {
    let run = SyntheticRun.small
    let measurer = try run.measurer()
    let norms = run.keyNorms(chunk: 5, layer: 2, kvHead: 1)
    KVHeadView.withNorms(norms, chunk: 5, layer: 2, kvHead: 1) { view in
      measurer.begin(view)
      var rows = (2...3).map { run.attention(chunk: 5, layer: 2, head: $0, row: 40) }
      rows[1][7] = .nan
      measurer.add(row: 40, rows)
      #expect(throws: MeasurementError.nonFiniteAttention(chunk: 5, layer: 2, head: 3, row: 40)) {
        try measurer.finish()
      }
    }
    // The next record is none the worse.
    let after = try run.record(chunk: 0, layer: 0, kvHead: 0, by: measurer)
    let fresh = try run.record(chunk: 0, layer: 0, kvHead: 0, by: run.measurer())
    #expect(after == fresh)
  }

  @Test(arguments: [Double.nan, .infinity, 0x1p27, -1])
  func refusesNormsOutOfRange(bad: Double) throws {
    let measurer = try HeadMeasurer(query: .next, chunkLength: 3, groupSize: 1)
    KVHeadView.withNorms([1, bad, 2], chunk: 4, layer: 1) { view in
      measurer.begin(view)
      measurer.add(row: 3, [[0.1, 0.2, 0.3]])
      #expect(throws: MeasurementError.keyNormOutOfRange(chunk: 4, layer: 1, kvHead: 0)) {
        try measurer.finish()
      }
    }
  }

  @Test func refusesAChunkTooShortForAnyRow() {
    #expect(throws: MeasurementError.noRows(query: .all(stride: 1), positions: 31)) {
      try HeadMeasurer(query: .all(stride: 1), chunkLength: 31, groupSize: 1)
    }
  }

  @Test func unitsRoundToTheNearest() {
    for (value, expected) in [
      (0.0, 0), (0.4, 0), (0.6, 1), (1.5, 2), (2.5, 2), (1e12, 1_000_000_000_000),
    ] {
      #expect(FixedPoint.units(value, scale: 1) == Int64(expected))
    }
    #expect(FixedPoint.units(1, scale: FixedPoint.lossScale) == 1 << 40)
  }
}

/// The longest keys stay.
private struct LongNorms: EvictionScore {
  let name = "long"
  let needs: RecordRequest.Parts = []
  let isIndependent = true

  func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    for slot in 0..<view.count { scores[slot] = view.keyNorms[slot] }
  }
}

/// Keys of middling length stay.
private struct Middle: EvictionScore {
  let name = "middle"
  let needs: RecordRequest.Parts = []
  let isIndependent = false

  func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let mean = view.keyNorms.reduce(0, +) / Double(view.count)
    for slot in 0..<view.count { scores[slot] = -abs(view.keyNorms[slot] - mean) }
  }
}
