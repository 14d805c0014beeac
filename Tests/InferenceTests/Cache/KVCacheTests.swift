import CKernels
import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// A live cache: texts in pieces, beside others, and with slots taken out.
struct KVCacheTests {
  /// Gaps of windows, rotations of half a head, learned positions, experts, several norms.
  static let models =
    ["gqa-tied"]
    + [
      "gemma3", "gpt2", "mistral", "olmo2", "phi", "qwen3_moe-mixed", "smollm3-windows",
      "stablelm-parallel",
    ].map { "architectures/\($0)" }

  private func pass(_ name: String, _ precision: Precision = .f32) throws -> ForwardPass {
    ForwardPass(
      model: try Model(Checkpoint.open(ReferenceDump.path(name))), kernels: Kernels(),
      precision: precision, pool: WorkerPool(count: 2))
  }

  private func text(_ sequence: Int, length: Int) -> [Int32] {
    (0..<length).map { Int32(($0 * 7 + sequence * 31 + $0 * $0 % 5) % 96) }
  }

  /// Attention rows of all positions, and logits.
  private struct Outcome: Equatable {
    var rows: [CollectingRecorder.Key: [Float]]
    /// By sequence, (position, vocabulary)
    var logits: [Int: [Float]]
  }

  private final class BySequence: LogitSink {
    var logits: [Int: [Float]] = [:]

    func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int) {
      self.logits[sequence, default: []].append(contentsOf: logits)
    }
  }

  /// Feeds the texts in pieces of `piece` tokens, all of them together as long as they last.
  private func feed(
    _ texts: [Int: [Int32]], by piece: Int, to pass: ForwardPass
  ) throws -> Outcome {
    let longest = texts.values.map(\.count).max() ?? 0
    let recorder = CollectingRecorder(
      queryPositions: Array(0..<longest), headsPerGroup: pass.model.spec.groupSize)
    let sink = BySequence()
    let workspace = PassWorkspace(for: pass)
    let sequences = texts.keys.sorted()
    let cache = KVCache(
      for: pass, mode: .kept,
      sequences: try #require(sequences.first)..<(try #require(sequences.last)) + 1)
    for first in stride(from: 0, to: longest, by: piece) {
      let spans = sequences.compactMap { sequence -> PassRows.Span? in
        let text = texts[sequence] ?? []
        guard first < text.count else { return nil }
        return .init(
          sequence: sequence, firstPosition: first,
          tokens: Array(text[first..<min(first + piece, text.count)]))
      }
      try pass.run(
        PassRows(spans: spans), cache: cache, workspace: workspace, recorder: recorder,
        logits: LogitRequest(.all, to: sink))
    }
    for sequence in sequences {
      #expect(cache.count(layer: 0, sequence: sequence, kvHead: 0) == texts[sequence]?.count)
    }
    return Outcome(rows: recorder.rows, logits: sink.logits)
  }

  /// The order of every sum is that of the slots, whatever goes through together: bit for bit.
  @Test(arguments: models, Precision.allCases)
  func piecesGiveWhatTheWholeGives(_ name: String, precision: Precision) throws {
    let pass = try pass(name, precision)
    let texts = [3: text(3, length: 75)]
    let whole = try feed(texts, by: 75, to: pass)
    #expect(whole.rows.count == 75 * pass.model.spec.layerCount * pass.model.spec.headCount)
    #expect(whole.logits[3]?.count == 75 * pass.model.spec.vocabularySize)
    #expect(whole.logits[3]?.allSatisfy(\.isFinite) == true)
    for piece in [1, 7, 64] {
      #expect(try feed(texts, by: piece, to: pass) == whole, "pieces of \(piece)")
    }
  }

  @Test(arguments: models, Precision.allCases)
  func sequencesOfUnequalLengthsGiveWhatEachGives(
    _ name: String, precision: Precision
  ) throws {
    let pass = try pass(name, precision)
    let texts = [2: text(2, length: 40), 3: text(3, length: 9), 5: text(5, length: 67)]
    for piece in [13, 67] {
      let together = try feed(texts, by: piece, to: pass)
      for (sequence, text) in texts {
        let alone = try feed([sequence: text], by: text.count, to: pass)
        #expect(together.logits[sequence] == alone.logits[sequence])
        #expect(alone.logits[sequence]?.count == text.count * pass.model.spec.vocabularySize)
        #expect(together.rows.filter { $0.key.chunk == sequence } == alone.rows)
        #expect(!alone.rows.isEmpty)
      }
    }
  }

  /// The tokens of a dynamic rotation's cached keys keep their angles; a length given beforehand
  /// makes pieces equal to the whole.
  @Test(arguments: ["llama-dynamic", "phi3-long"])
  func rotationsOfTheWholeLengthCanBeAskedFor(_ name: String) throws {
    let pass = try pass("architectures/\(name)")
    let tokens = text(1, length: 70)
    func logits(pieces: [Range<Int>], length: Int?) throws -> [Float] {
      let sink = LogitCollector()
      let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: length)
      let workspace = PassWorkspace(for: pass)
      for piece in pieces {
        try pass.run(
          PassRows(spans: [
            .init(sequence: 0, firstPosition: piece.lowerBound, tokens: Array(tokens[piece]))
          ]),
          cache: cache, workspace: workspace, logits: LogitRequest(.all, to: sink))
      }
      return sink.logits
    }
    let whole = try logits(pieces: [0..<70], length: nil)
    #expect(try logits(pieces: [0..<20, 20..<70], length: 70) == whole)
    #expect(try logits(pieces: [0..<20, 20..<70], length: nil) != whole)
  }

  /// 400 of 1000 slots, in bf16 an odd number too: attention over what was kept, by its definition.
  @Test(arguments: Kernels.availableNames, [400, 7, 33])
  func keptSlotsAreAttendedAlone(_ name: String, count: Int) throws {
    let kernels = try Kernels(named: name)
    let model = try Model(Checkpoint.open(ReferenceDump.path("gqa-tied")))
    let spec = model.spec
    for precision in Precision.allCases {
      let number = kernels.number(for: precision)
      let length = 1000
      let cache = KVCache(
        spec: spec, kernels: kernels, number: number, mode: .kept, sequences: 0..<1)
      let stage = AttentionStage(
        spec: spec, kernels: kernels, pool: WorkerPool(count: 2), number: number)
      let columns = spec.kvHeadCount * spec.headDim
      let keys = TestRows(rows: length + 1, columns: columns, seed: 1)
      let valueRows = TestRows(rows: length + 1, columns: columns, seed: 2)
      let queries = TestRows(rows: 1, columns: spec.headCount * spec.headDim, seed: 3)
      let output = TestRows(rows: 1, columns: spec.headCount * spec.headDim, number: number)
      cache.rotaries.prepare(positions: 0..<length + 1, length: length + 1, isFinal: true)
      let text = [Int32](repeating: 0, count: length)
      let before = ActiveRows(PassRows(sequences: [text]))
      stage.append(layer: 0, rows: before, keys: keys.rows, values: valueRows.rows, to: cache)
      let slots = (0..<count).map { $0 * (length / count) + $0 % 2 }
      let bytes = cache.byteCount
      for kvHead in 0..<spec.kvHeadCount {
        cache.keep(slots, layer: 0, sequence: 0, kvHead: kvHead)
      }
      #expect(cache.byteCount < bytes / 2)
      // The query's own key comes after those that were kept.
      let own = ActiveRows(
        PassRows(spans: [.init(sequence: 0, firstPosition: length, tokens: [0])]))
      stage.append(
        layer: 0, rows: own, keys: keys.from(length), values: valueRows.from(length), to: cache)
      #expect(cache.count(layer: 0, sequence: 0, kvHead: 0) == count + 1)
      stage.run(
        layer: 0, rows: own, queries: queries.rows, output: output.rows, cache: cache,
        feed: nil)

      let rotary = cache.rotaries[spec.layers[0]]
      var worst = WorstDifference<Double>()
      for head in 0..<spec.headCount {
        let kvHead = head / spec.groupSize
        let query = rotated(queries, 0, head, length, rotary, spec)
        var weights: [Double] = []
        for slot in slots + [length] {
          let key = rotated(keys, slot, kvHead, slot, rotary, spec)
          let product = zip(query, key).reduce(0) { $0 + $1.0 * $1.1 }
          weights.append(product * Double(spec.attentionScale))
        }
        let top = weights.max() ?? 0
        weights = weights.map { exp($0 - top) }
        let sum = weights.reduce(0, +)
        for i in 0..<spec.headDim {
          var expected = 0.0
          for (weight, slot) in zip(weights, slots + [length]) {
            expected += weight / sum * valueRows[slot, kvHead * spec.headDim + i]
          }
          worst.add(
            output[0, head * spec.headDim + i], expected)
        }
      }
      #expect(worst.worst < (precision == .f32 ? 1e-5 : 2e-2), "\(precision)")
      if precision == .f32 {
        let norms = cache.slab(layer: 0, sequence: 0, kvHead: 1).norms
        for (slot, position) in slots.enumerated() {
          let first = spec.headDim
          let squares = (0..<spec.headDim).reduce(0.0) {
            $0 + keys[position, first + $1] * keys[position, first + $1]
          }
          #expect(abs(norms[slot] - squares.squareRoot()) < 1e-6)
        }
      }
    }
  }

  /// Windows end at positions, whatever slots they have come to stand in.
  @Test func slotsAreFoundByPosition() throws {
    let model = try Model(Checkpoint.open(ReferenceDump.path("gqa-tied")))
    let spec = model.spec
    let cache = KVCache(
      spec: spec, kernels: Kernels(), number: ALR_NUMBER_F32, mode: .kept, sequences: 0..<1)
    let rows = ActiveRows(
      PassRows(spans: [.init(sequence: 0, firstPosition: 3, tokens: [0, 1, 2, 3, 4, 5, 6, 7])]))
    let keys = TestRows(rows: 8, columns: spec.kvHeadCount * spec.headDim, seed: 1)
    let scratch = TestRows(rows: 64, columns: spec.headDim)
    cache.rotaries.prepare(positions: 0..<11, length: 11, isFinal: true)
    cache.append(
      layer: 0, rows: rows, keys: keys.rows, values: nil, pool: WorkerPool(count: 1),
      scratch: { _ in scratch.floats })
    withExtendedLifetime((keys, scratch)) {}
    let slab = cache.slab(layer: 0, sequence: 0, kvHead: 0)
    #expect((0...12).map(slab.firstSlot) == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8])
    cache.keep([1, 4, 5, 7], layer: 0, sequence: 0, kvHead: 0)
    #expect((0..<4).map { slab.positions[$0] } == [4, 7, 8, 10])
    #expect((0...12).map(slab.firstSlot) == [0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 3, 4, 4])
  }

  private func rotated(
    _ vectors: TestRows, _ row: Int, _ head: Int, _ position: Int, _ rotary: RotaryTable,
    _ spec: ArchitectureSpec
  ) -> [Double] {
    let half = rotary.dimension / 2
    var vector = (0..<spec.headDim).map { vectors[row, head * spec.headDim + $0] }
    let (cosines, sines) = (rotary.cosines(from: position), rotary.sines(from: position))
    for i in 0..<half {
      let (a, b, c, s) = (vector[i], vector[i + half], Double(cosines[i]), Double(sines[i]))
      (vector[i], vector[i + half]) = (a * c - b * s, b * c + a * s)
    }
    return vector
  }
}

/// Rows of random numbers between −1 and 1, float32, or of zeros in another number.
private final class TestRows {
  let rows: Rows
  private let number: alr_number
  private let buffer: Buffer

  init(rows count: Int, columns: Int, seed: UInt32 = 0, number: alr_number = ALR_NUMBER_F32) {
    let layout = RowLayout(columns: columns, elementSize: number.byteCount, panelWidth: 64)
    buffer = Buffer(bytes: count * layout.bytesPerRow)
    rows = Rows(base: buffer.bytes, layout: layout)
    self.number = number
    guard seed > 0 else { return }
    var state = seed
    for index in 0..<count * layout.stride {
      state = state &* 1_664_525 &+ 1_013_904_223
      buffer.floats[index] = Float(state >> 8) / Float(1 << 23) - 1
    }
  }

  var floats: UnsafeMutablePointer<Float> { buffer.floats }

  func from(_ row: Int) -> Rows { Rows(base: rows.from(row: row), layout: rows.layout) }

  subscript(row: Int, column: Int) -> Double {
    let element = rows.from(column: column).from(row: row)
    guard number == ALR_NUMBER_BF16 else { return Double(element.load(as: Float.self)) }
    return Double(Float(bitPattern: UInt32(element.load(as: UInt16.self)) << 16))
  }
}
