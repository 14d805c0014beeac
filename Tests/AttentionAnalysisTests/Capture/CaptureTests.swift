import ModelFiles
import Results
import TestSupport
import Testing

@testable import AttentionAnalysis

/// What a capture takes and shows, without a model.
@Suite struct CaptureTests {
  @Test func sizesAreKnownBefore() {
    var size = CaptureSize(
      layers: 2, heads: 4, kvHeads: 2, headDim: 8, tokens: 7, parts: Set(CapturePart.allCases),
      threshold: nil)
    let arrays = SyntheticCapture.make(tokens: 7).arrays
    let vectors = [arrays.keys, arrays.values, arrays.rotatedKeys, arrays.rotatedQueries]
    let expected = vectors.reduce(2 * 4 * 49 * 4 + 28 * 8) { $0 + ($1?.values.count ?? 0) * 4 }
    #expect(size.bytes == expected)
    size.threshold = 0.5
    #expect(size.mostEntriesPerRow == 2)
    size.tokens = .max
    #expect(size.bytes == nil)
  }

  /// The key of lowest norm points where the queries do in one dimension: without it, its
  /// attention goes.
  @Test func zeroingThePeakMovesAttention() throws {
    var capture = SyntheticCapture.make(tokens: 4)
    capture.layers = [.init(layer: 0, window: nil)]
    capture.heads = [0]
    let peak: [Float] = [0, 0, 0, 0, 0, 20, 0, 0]
    let none = [Float](repeating: 0, count: 8)
    capture.arrays = CaptureArrays(
      keyNorms: NumberArray(shape: [1, 1, 4], values: [1, 2, 2, 2]),
      rotatedKeys: NumberArray(shape: [1, 1, 4, 8], values: peak + none + none + none),
      rotatedQueries: NumberArray(
        shape: [1, 1, 4, 8], values: (0..<4).flatMap { _ in [0, 0, 0, 0, 0, 1, 0, 0] as [Float] }))
    let effect = try #require(
      PeakDimensions(capture, layer: 0, head: 0, options: .init(step: 2, dimensions: 1)))
    #expect(effect.changed == [0])
    #expect(effect.before[3][0] > 0.97)
    #expect(effect.withoutPeaks[3].allSatisfy { abs($0 - 0.25) < 1e-6 })
    #expect(effect.withoutPeaks[1] == effect.before[1])
    #expect(effect.withoutRandom == effect.before)
    #expect(PeakDimensions(capture, layer: 0, head: 0, options: .init(step: 4)) == nil)
    #expect(FirstToken.layers(of: capture).first?.lowestNorms == 1)
  }
}
