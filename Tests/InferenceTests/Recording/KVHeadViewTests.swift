import ModelFiles
import Synchronization
import TestSupport
import Testing

@testable import Inference

/// What recorders see of a KV head, while a text is read and in a live cache.
struct KVHeadViewTests {
  /// Half a head rotates; a rotation with a factor; norms of keys; no rotation.
  static let models = [
    "gqa-tied", "architectures/phi", "architectures/llama-yarn", "architectures/qwen3",
    "architectures/gpt2", "architectures/gemma3",
  ]

  private func pass(_ name: String, _ precision: Precision = .f32) throws -> ForwardPass {
    ForwardPass(
      model: try Model(Checkpoint.open(ReferenceDump.path(name))), kernels: Kernels(),
      precision: precision, pool: WorkerPool(count: 2))
  }

  private let text: [Int32] = (0..<50).map { (index: Int) -> Int32 in
    Int32((index * 13 + index * index % 7) % 96)
  }

  /// A live cache holds what the pass computed, and what it dropped is gone.
  @Test(arguments: models, Precision.allCases)
  func aCacheShowsWhatThePassComputed(_ name: String, precision: Precision) throws {
    let pass = try pass(name, precision)
    let spec = pass.model.spec
    let recorder = ViewRecorder(
      RecordRequest(queryPositions: [20, 49], parts: [.keys, .values, .queries]))
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1)
    try pass.run(
      PassRows(sequences: [text]), cache: cache, workspace: PassWorkspace(for: pass),
      recorder: recorder)
    #expect(recorder.views.count == spec.layerCount * spec.kvHeadCount)
    #expect(recorder.tiles == 0)
    for (place, seen) in recorder.views {
      #expect(seen.positions == Array(0..<50))
      #expect(seen.queries.count == spec.groupSize)
      let view = cache.view(
        layer: place[0], sequence: 0, kvHead: place[1], parts: [.keys, .values])
      let cached = Vectors(view)
      #expect(cached.norms == seen.norms)
      #expect(cached.keys.count == 50 * spec.headDim && cached.values.count == 50 * spec.headDim)
      // In bf16 the cache holds rounded numbers.
      let tolerance: Float = precision == .f32 ? 2e-6 : 1e-2
      expectClose(cached.rotatedKeys, seen.rotatedKeys, precision == .f32 ? 1e-6 : tolerance)
      expectClose(cached.keys, seen.keys, tolerance)
      expectClose(cached.values, seen.values, precision == .f32 ? 0 : tolerance)

      let kept = [0, 3, 4, 9, 30, 48, 49]
      cache.keep(kept, layer: place[0], sequence: 0, kvHead: place[1])
      let left = Vectors(
        cache.view(layer: place[0], sequence: 0, kvHead: place[1], parts: [.keys, .values]))
      #expect(left.positions == kept)
      #expect(left.norms == kept.map { cached.norms[$0] })
      func rows(_ vectors: [Float]) -> [Float] {
        kept.flatMap { vectors[$0 * spec.headDim..<($0 + 1) * spec.headDim] }
      }
      #expect(left.rotatedKeys == rows(cached.rotatedKeys))
      #expect(left.keys == rows(cached.keys))
      #expect(left.values == rows(cached.values))
      let some = Vectors(
        cache.view(layer: place[0], sequence: 0, kvHead: place[1], parts: [.keys, .values])
          .slots(2..<5))
      #expect(some.positions == [4, 9, 30])
      #expect(some.keys == Array(left.keys[2 * spec.headDim..<5 * spec.headDim]))
    }
  }

  /// Of the queries those that were asked for are shown, in the last layer as in the others.
  @Test(arguments: models) func queriesAreThoseAskedFor(_ name: String) throws {
    let pass = try pass(name)
    let size = pass.model.spec.headDim
    let some = ViewRecorder(RecordRequest(queryPositions: [20, 49], parts: .queries))
    let all = ViewRecorder(RecordRequest(queryPositions: Array(0..<50), parts: .queries))
    for recorder in [some, all] { _ = try pass.read([text], recorder: recorder) }
    #expect(!some.views.isEmpty)
    for (place, seen) in some.views {
      let expected = try #require(all.views[place]).queries.map { queries in
        #expect(queries.count == 50 * size)
        return Array(queries[20 * size..<21 * size] + queries[49 * size..<50 * size])
      }
      #expect(seen.queries == expected && seen.keys.isEmpty && seen.values.isEmpty)
    }
  }

  /// A piece of a text sees the keys of the pieces before it, also where the rotation depends on the
  /// length, which is then known beforehand.
  @Test(arguments: ["gqa-tied", "architectures/llama-dynamic", "architectures/phi3-long"])
  func aPieceSeesAllThatIsCached(_ name: String) throws {
    let pass = try pass(name)
    let cache = KVCache(for: pass, mode: .kept, sequences: 0..<1, length: 50)
    let workspace = PassWorkspace(for: pass)
    let whole = ViewRecorder(RecordRequest(parts: [.keys, .values]))
    let last = ViewRecorder(RecordRequest(parts: [.keys, .values]))
    try pass.run(
      PassRows(sequences: [text]), cache: KVCache(for: pass, mode: .kept, sequences: 0..<1),
      workspace: workspace, recorder: whole)
    for (first, recorder) in [(0, nil), (30, last)] as [(Int, ViewRecorder?)] {
      let piece = Array(text[first..<(first == 0 ? 30 : 50)])
      try pass.run(
        PassRows(spans: [.init(sequence: 0, firstPosition: first, tokens: piece)]), cache: cache,
        workspace: workspace, recorder: recorder)
    }
    #expect(!whole.views.isEmpty && whole.views.keys == last.views.keys)
    for (place, seen) in last.views {
      let expected = try #require(whole.views[place])
      #expect(seen.positions == expected.positions && seen.norms == expected.norms)
      expectClose(seen.rotatedKeys, expected.rotatedKeys, 1e-6)
      expectClose(seen.keys, expected.keys, 2e-6)
      #expect(seen.values == expected.values)
    }
  }

  /// Only the layers asked for are offered, and nothing is computed behind the last of them.
  @Test func layersThatNobodyAskedForAreLeftOut() throws {
    let pass = try pass("architectures/gemma3")
    let count = pass.model.spec.layerCount
    #expect(count >= 3)
    let groupSize = pass.model.spec.groupSize
    let all = CollectingRecorder(queryPositions: [7, 40], headsPerGroup: groupSize)
    _ = try pass.read([text], recorder: all)
    for wanted in [[0], [1], [0, count - 2]] as [Set<Int>] {
      let some = CollectingRecorder(
        queryPositions: [7, 40], layers: wanted, headsPerGroup: groupSize)
      var layers = 0
      let logits = try pass.read([text], recorder: some) { done in
        layers = done
        return true
      }
      #expect(logits != nil && layers == (wanted.max() ?? 0) + 1)
      #expect(some.rows == all.rows.filter { wanted.contains($0.key.layer) })
      #expect(some.norms == all.norms.filter { wanted.contains($0.key.layer) })
      #expect(!some.rows.isEmpty)
      // With logits, or a cache that stays, the other layers are needed.
      let after = CollectingRecorder(
        queryPositions: [7, 40], layers: wanted, headsPerGroup: groupSize)
      let withLogits = try pass.read([text], recorder: after, logits: .last) { done in
        layers = done
        return true
      }
      #expect(layers == count && withLogits?.count == pass.model.spec.vocabularySize)
      #expect(after.rows == some.rows)
    }
  }
}

private func expectClose(
  _ found: [Float], _ expected: [Float], _ tolerance: Float,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var worst = WorstDifference<Float>()
  worst.add(found, expected) { max(1, $0.magnitude) }
  #expect(worst.worst <= tolerance, sourceLocation: sourceLocation)
}

/// Everything that a view shows.
private struct Vectors {
  var positions: [Int]
  var norms: [Double]
  var keys: [Float]
  var rotatedKeys: [Float]
  var values: [Float]
  /// For each query head, rotated.
  var queries: [[Float]]

  init(_ view: KVHeadView) {
    func copied(
      _ vectors: HeadVectors?, _ copy: (HeadVectors) -> (UnsafeMutableBufferPointer<Float>) -> Void
    ) -> [Float] {
      guard let vectors else { return [] }
      return [Float](unsafeUninitializedCapacity: vectors.count * vectors.size) {
        copy(vectors)(UnsafeMutableBufferPointer(rebasing: $0[..<(vectors.count * vectors.size)]))
        $1 = vectors.count * vectors.size
      }
    }
    positions = view.positions.map(Int.init)
    norms = Array(view.keyNorms)
    keys = copied(view.keys, HeadVectors.copy)
    rotatedKeys = copied(view.keys, HeadVectors.copyRotated)
    values = copied(view.values, HeadVectors.copy)
    queries = view.queries.map { copied($0, HeadVectors.copyRotated) }
  }
}

/// Keeps what views show, by layer and KV head.
private final class ViewRecorder: AttentionRecorder {
  let request: RecordRequest
  private let state = Mutex((views: [[Int]: Vectors](), tiles: 0))

  init(_ request: RecordRequest) { self.request = request }

  var views: [[Int]: Vectors] { state.withLock { $0.views } }
  var tiles: Int { state.withLock { $0.tiles } }

  func makeWorker() -> any RecorderWorker { Worker(self) }

  private final class Worker: RecorderWorker {
    let owner: ViewRecorder

    init(_ owner: ViewRecorder) { self.owner = owner }

    func begin(_ view: KVHeadView) {
      let vectors = Vectors(view)
      owner.state.withLock { $0.views[[view.layer, view.kvHead]] = vectors }
    }

    func take(_ tile: AttentionTile) { owner.state.withLock { $0.tiles += 1 } }

    func finish() {}
  }
}
