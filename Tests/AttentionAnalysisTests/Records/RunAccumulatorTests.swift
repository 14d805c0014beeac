import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct RunAccumulatorTests {
  @Test func anyGroupingAndOrderGivesTheSameBits() throws {
    let run = SyntheticRun.small
    let whole = try run.result(run.accumulate(0..<11))
    let groupings: [[[Int]]] = [
      [[10, 3, 7, 0, 1, 9, 2, 8, 4, 6, 5]],
      [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10]],
      [[9, 4], [10], [0, 8, 3], [], [1, 2, 5, 6, 7]],
      (0..<11).map { [$0] },
    ]
    for grouping in groupings {
      var sum = RunAccumulator(shape: run.shape)
      for part in grouping { try sum.merge(run.accumulate(part)) }
      let result = try run.result(sum)
      #expect(isIdentical(result, whole))
    }
    // Nested: (a + (b + c)).
    var right = try run.accumulate(4..<8)
    try right.merge(run.accumulate(8..<11))
    var left = try run.accumulate(0..<4)
    try left.merge(right)
    let result = try run.result(left)
    #expect(isIdentical(result, whole))
  }

  @Test func recordsMayComeInAnyOrder() throws {
    let run = SyntheticRun.small
    var generator = SplitMix64(seed: 7)
    let records = try (0..<3).flatMap { try run.chunk($0).kvHeads }.shuffled(using: &generator)
    var accumulator = RunAccumulator(shape: run.shape)
    for record in records { try accumulator.add(record) }
    #expect(try isIdentical(run.result(accumulator), run.result(run.accumulate(0..<3))))
  }

  @Test func theRecommendationIsMadeOnKVHeads() throws {
    let run = SyntheticRun.small
    let result = try run.result(run.accumulate(0..<5))
    func ratios(_ alr: NumericArray, _ random: NumericArray, heads: Int) -> [Double] {
      (0..<3).map { layer in
        let indices = (0..<5).flatMap { chunk in
          (0..<heads).map { (chunk * 3 + layer) * heads + $0 }
        }
        return indices.reduce(0) { $0 + alr.values[$1] }
          / indices.reduce(0) { $0 + random.values[$1] }
      }
    }
    let arrays = result.arrays
    let byKVHeads = ratios(arrays[.kvALR], arrays[.kvRandomALR], heads: 2)
    let byHeads = ratios(arrays[.alr], arrays[.randomALR], heads: 4)
    try #require(result.recommendation.layers.count == 3)
    for layer in 0..<3 {
      let row = result.recommendation.layers[layer]
      #expect(isClose(row.ratio, byKVHeads[layer], within: 1e-12))
      #expect(abs(byKVHeads[layer] - byHeads[layer]) > 1e-6)
      #expect(isClose(result.layers[layer].alrRatio, byHeads[layer], within: 1e-12))
      #expect(row.answer != nil && row.headsAnswer != nil)
    }
  }

  @Test func keepsCurvesByFoldAndPositionsByChunkMean() throws {
    let run = SyntheticRun.small
    let arrays = try run.result(run.accumulate(0..<10)).arrays
    #expect(arrays[.foldChunks].values == [2, 2, 1, 1, 1, 1, 1, 1])
    #expect(arrays[.attentionLoss].shape == [8, 3, 4, 101])
    #expect(arrays[.kvReferenceLoss].shape == [8, 3, 2, 101])
    // Fold 1 holds chunks 1 and 9; layer 2, head 3.
    let curves = try [1, 9].map { try run.chunk($0).kvHeads[5].heads[1].attentionLoss[60] }
    let mean = Double(curves[0] + curves[1]) / 0x1p41
    #expect(arrays[.attentionLoss].values[((1 * 3 + 2) * 4 + 3) * 101 + 60] == mean)
    #expect(arrays[.keyNormMean].shape == [3, 2, 40])
    #expect(arrays[.attentionMean].shape == [3, 4, 40])
    // The windowed layer has candidates at positions 32...39 alone.
    let windowed = arrays[.attentionMean].values[(1 * 4 + 2) * 40..<(1 * 4 + 3) * 40]
    #expect(windowed.prefix(32).allSatisfy { $0.isNaN })
    #expect(windowed.suffix(8).allSatisfy { !$0.isNaN })
    let norms = (0..<10).map { run.keyNorms(chunk: $0, layer: 0, kvHead: 1)[11] }
    let expected = norms.reduce(0, +) / 10
    #expect(abs(arrays[.keyNormMean].values[1 * 40 + 11] - expected) < 1e-7)
  }

  @Test func anEmptyFoldIsNaN() throws {
    let run = SyntheticRun.small
    let arrays = try run.result(run.accumulate([0, 2])).arrays
    #expect(arrays[.foldChunks].values == [1, 0, 1, 0, 0, 0, 0, 0])
    let foldSize = 3 * 4 * 101
    #expect(arrays[.attentionLoss].values[foldSize..<2 * foldSize].allSatisfy { $0.isNaN })
    #expect(arrays[.attentionLoss].values[..<foldSize].allSatisfy { !$0.isNaN })
  }

  @Test func rowsAreMeansAndErrorsOverChunks() throws {
    let run = SyntheticRun.small
    let result = try run.result(run.accumulate(0..<6))
    #expect(result.heads.map(\.layer) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    #expect(result.heads.map(\.kvHead) == [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    #expect(result.layers.map(\.n) == [40, 8, 40])
    #expect(result.layers.map(\.kvSource) == [nil, nil, 0])
    let chunks = try (0..<6).map { try run.chunk($0) }
    // Layer 1: KV heads 2 and 3 of the record list.
    let layer = chunks.map { $0.kvHeads[2].heads + $0.kvHeads[3].heads }
    let head = layer.map { $0[2] }
    let alr = head.map(\.alr)
    let mean = alr.reduce(0, +) / 6
    let variance = alr.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
    let measures = result.heads[6].measures
    #expect(isClose(measures.alr, mean, within: 1e-14))
    #expect(isClose(measures.alrSD, variance.squareRoot(), within: 1e-14))
    #expect(isClose(measures.alrSE, (variance / 6).squareRoot(), within: 1e-14))
    #expect(isClose(measures.alrNormalized, mean / 8, within: 1e-14))
    let random = head.map(\.randomALR).reduce(0, +)
    #expect(isClose(measures.randomALR, random / 6, within: 1e-14))
    #expect(isClose(measures.alrRatio, mean * 6 / random, within: 1e-14))

    let layerMeans = layer.map { $0.map(\.alr).reduce(0, +) / 4 }
    let layerMean = layerMeans.reduce(0, +) / 6
    let layerVariance = layerMeans.reduce(0) { $0 + ($1 - layerMean) * ($1 - layerMean) } / 5
    let row = result.layers[1]
    #expect(isClose(row.alr, layerMean, within: 1e-14))
    #expect(isClose(row.alrSE, (layerVariance / 6).squareRoot(), within: 1e-14))
    let layerRandom = layer.flatMap { $0.map(\.randomALR) }.reduce(0, +)
    #expect(isClose(row.alrRatio, layerMean * 24 / layerRandom, within: 1e-13))
    // With one window for all heads the mean of normalised values is the normalised mean.
    #expect(isClose(row.alrNormalized, layerMean / 8, within: 1e-14))
  }

  /// What a merge needs of each chunk stands in the arrays, by its index in the whole corpus.
  @Test func chunksKeepTheirValuesAndIndices() throws {
    let run = SyntheticRun.small
    let arrays = try run.result(run.accumulate([11, 2, 5])).arrays
    // Output errors are measured on request.
    let missing = ResultArray.allCases.filter { !arrays.has($0) }
    #expect(missing == [.kvOutputError])
    #expect(arrays[.chunkIndex].values == [2, 5, 11])
    for (place, chunk) in [2, 5, 11].enumerated() {
      let kvHeads = try run.chunk(chunk).kvHeads
      let heads = kvHeads.flatMap(\.heads)
      for (array, value) in [
        (.alr, \.alr), (.alrNormalized, \.alrNormalized), (.randomALR, \.randomALR),
        (.spearman, \.spearman),
      ] as [(ResultArray, KeyPath<HeadRecord, Double>)] {
        #expect(arrays[array].shape == [3, 3, 4])
        #expect(
          arrays[array].values[place * 12..<(place + 1) * 12]
            == heads.map { $0[keyPath: value] }[...])
      }
      for (array, value) in [
        (.kvALR, \.alr), (.kvALRNormalized, \.alrNormalized), (.kvRandomALR, \.randomALR),
        (.kvSpearman, \.spearman),
      ] as [(ResultArray, KeyPath<HeadRecord, Double>)] {
        #expect(arrays[array].shape == [3, 3, 2])
        #expect(
          arrays[array].values[place * 6..<(place + 1) * 6]
            == kvHeads.map { $0.group[keyPath: value] }[...])
      }
    }
  }

  /// Means lose nothing: the integers that a merge adds can be made of them again.
  @Test func sumsFollowFromTheArrays() throws {
    let run = SyntheticRun.small
    let accumulator = try run.accumulate([0, 3, 8, 9, 17])
    let arrays = try run.result(accumulator).arrays
    let folds = arrays[.foldChunks].values
    for (array, sums) in zip(SumArray.all, accumulator.sums) {
      let means = arrays[array.array].values
      let foldSize = sums.count / folds.count
      for (index, sum) in sums.enumerated() {
        let chunks = array.extent == .curve ? folds[index / foldSize] : folds.reduce(0, +)
        let mean = means[index]
        // Nothing was added outside a window, or to a fold without chunks.
        #expect(mean.isNaN ? sum == 0 : Int64((mean * array.unit * chunks).rounded()) == sum)
      }
    }
  }

  @Test func oneChunkHasNoErrors() throws {
    let run = SyntheticRun.small
    let measures = try run.result(run.accumulate([0])).heads[0].measures
    #expect(measures.alr != nil && measures.alrRatio != nil && measures.spearman != nil)
    #expect(measures.alrSD == nil && measures.alrSE == nil && measures.alrRatioSE == nil)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let run = SyntheticRun.small
    var accumulator = try run.accumulate([0, 1])
    let record = try run.chunk(1).kvHeads[3]
    #expect(throws: MeasurementError.duplicateRecord(chunk: 1, layer: 1, kvHead: 1)) {
      try accumulator.add(record)
    }
    var odd = record
    odd.keyNorms.append(0)
    odd.chunk = 2
    #expect(throws: MeasurementError.recordShape(chunk: 2, layer: 1, kvHead: 1)) {
      try accumulator.add(odd)
    }
    #expect(throws: MeasurementError.duplicateRecord(chunk: 1, layer: 0, kvHead: 0)) {
      try accumulator.merge(run.accumulate([1, 2]))
    }
    var other = run.shape
    other.chunkLength = 41
    #expect(throws: MeasurementError.shapeMismatch) {
      try accumulator.merge(RunAccumulator(shape: other))
    }
    var part = RunAccumulator(shape: run.shape)
    try part.add(record)
    #expect(throws: MeasurementError.incompleteChunk(chunk: 1, missing: 5)) {
      try run.result(part)
    }
    #expect(throws: MeasurementError.noChunks) {
      try run.result(RunAccumulator(shape: run.shape))
    }
    // What was refused left no trace.
    #expect(try isIdentical(run.result(accumulator), run.result(run.accumulate([0, 1]))))
  }

  @Test func refusesSumsBeyond64Bits() throws {
    let run = SyntheticRun.small
    var accumulator = RunAccumulator(shape: run.shape)
    var record = try run.chunk(0).kvHeads[0]
    record.keyNorms[3] = .max
    try accumulator.add(record)
    record.chunk = 8
    #expect(throws: MeasurementError.sumOverflow(layer: 0)) { try accumulator.add(record) }
  }
}
