import Testing

@testable import AttentionAnalysis

@Suite struct ChunkCutterTests {
  @Test func cutsWithoutOverlapAndDropsTheRemainder() throws {
    var cutter = ChunkCutter(chunkLength: 3, bos: nil)
    cutter.append([1, 2, 3, 4, 5])
    cutter.append([])
    cutter.append([6, 7, 8, 9])
    let chunks = try cutter.finish()
    #expect(chunks.tokens == [[1, 2, 3, 4], [5, 6, 7, 8]])
    #expect(chunks.usedTokens == 8)
  }

  @Test func aBOSTakesThePlaceOfOneId() throws {
    var cutter = ChunkCutter(chunkLength: 3, bos: 99)
    cutter.append(Array(1...7))
    let chunks = try cutter.finish()
    #expect(chunks.tokens == [[99, 1, 2, 3], [99, 4, 5, 6]])
    #expect(chunks.usedTokens == 6)
  }

  @Test func wantsNoMoreThanTheChunksAskedFor() throws {
    var cutter = ChunkCutter(chunkLength: 3, bos: nil, maxChunks: 2)
    #expect(cutter.wantedTokens == 8)
    cutter.append([1, 2, 3, 4, 5])
    #expect(cutter.wantedTokens == 3 && !cutter.isFull)
    cutter.append(Array(6...20))
    #expect(cutter.wantedTokens == 0 && cutter.isFull)
    #expect(try cutter.finish().tokens == [[1, 2, 3, 4], [5, 6, 7, 8]])
    #expect(ChunkCutter(chunkLength: 3, bos: nil).wantedTokens == .max)
  }

  @Test func theFingerprintIsOfTheIdsUsed() throws {
    func fingerprint(_ ids: [Int32], bos: Int32? = nil) throws -> String {
      var cutter = ChunkCutter(chunkLength: bos == nil ? 1 : 2, bos: bos)
      cutter.append(ids)
      return try cutter.finish().fingerprint
    }
    // SHA-256 of 01 00 00 00 00 01 00 00.
    let expected = "242045e2f1bb37769b514f182fd91b3d215324cb57f187cced1e9c62921dbac3"
    #expect(try fingerprint([1, 256]) == expected)
    #expect(try fingerprint([1, 256, 7]) == expected)
    #expect(try fingerprint([1, 256], bos: 5) == expected)
    #expect(try fingerprint([256, 1]) != expected)
  }

  @Test func aCorpusShorterThanOneChunkSaysHowMuchItLacks() {
    var cutter = ChunkCutter(chunkLength: 4, bos: 0)
    cutter.append([1, 2, 3])
    #expect(throws: ChunkCutter.TooShort(tokens: 3, needed: 4)) { try cutter.finish() }
  }
}
