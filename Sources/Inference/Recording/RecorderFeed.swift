import CKernels

/// A recorder as one pass sees it: what it asks for, and a worker for each thread.
struct RecordingPass {
  let request: RecordRequest
  let positions: Set<Int>
  /// Those whose query vectors are shown.
  let vectorPositions: Set<Int>
  let workers: [any RecorderWorker]
  private let recorder: any AttentionRecorder

  init(_ recorder: any AttentionRecorder, workers count: Int) throws {
    self.recorder = recorder
    request = recorder.request
    positions = Set(request.queryPositions)
    vectorPositions = request.vectorPositions.map(Set.init) ?? positions
    workers = try (0..<count).map { _ in try recorder.makeWorker() }
  }

  /// Whether layers are to end with their residual stream.
  var takesResiduals: Bool { request.parts.contains(.residuals) }

  func finish(_ rows: LayerRows) { recorder.finish(rows) }

  /// Positions whose queries are wanted.
  var queries: Set<Int> {
    (request.parts.contains(.attention) ? positions : [])
      .union(request.parts.contains(.queries) ? vectorPositions : [])
  }
}

/// Hands a recorder what it asked for of one layer, while attention computes it.
struct RecorderFeed {
  let layer: Int
  private let recording: RecordingPass
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let vectors: Vectors

  /// Where the vectors of the layer stand, before their rotation.
  struct Vectors {
    let queries: Rows
    let queryRows: ActiveRows
    let keys: Rows
    let values: Rows?
    let keyRows: ActiveRows
    /// `nil` where the layer rotates nothing.
    let rotary: RotaryTable?
  }

  init(
    layer: Int, recording: RecordingPass, spec: ArchitectureSpec, kernels: Kernels,
    vectors: Vectors
  ) {
    self.layer = layer
    self.recording = recording
    self.spec = spec
    self.kernels = kernels
    self.vectors = vectors
  }

  /// Whether the attention row of the query at `position` is wanted.
  func takes(_ position: Int) -> Bool {
    recording.request.parts.contains(.attention) && recording.positions.contains(position)
  }

  /// Attention rows that a tile of `rows` queries may have to hold.
  func rowsPerTile(of rows: Int) -> Int {
    recording.request.parts.contains(.attention) ? min(rows, recording.positions.count) : 0
  }

  /// Starts a KV head of a sequence on one worker.
  func begin(_ span: ActiveRows.Span, _ kvHead: Int, _ cache: KVCache, _ worker: Int) -> Head {
    let parts = recording.request.parts
    let cached = cache.view(
      layer: layer, sequence: span.sequence, kvHead: kvHead, parts: parts)
    let view = KVHeadView(
      sequence: cached.sequence, layer: layer, kvHead: kvHead, window: cached.window,
      positions: cached.positions, keyNorms: cached.keyNorms,
      keys: present(
        vectors.keys, vectors.keyRows, span.sequence, kvHead, vectors.rotary, cached.keys),
      values: vectors.values.flatMap {
        present($0, vectors.keyRows, span.sequence, kvHead, nil, cached.values)
      },
      queries: parts.contains(.queries)
        ? (0..<spec.groupSize).map {
          rows(
            vectors.queries, vectors.queryRows, span.sequence, kvHead * spec.groupSize + $0,
            vectors.rotary, recording.vectorPositions.contains)
        } : [], scaling: cached.scaling)
    let head = Head(feed: self, worker: recording.workers[worker])
    head.worker.begin(view)
    return head
  }

  /// Vectors of a text that is read whole stand in the pass as they were computed; those of earlier
  /// pieces are in the cache alone.
  private func present(
    _ source: Rows, _ active: ActiveRows, _ sequence: Int, _ head: Int, _ rotary: RotaryTable?,
    _ cached: HeadVectors?
  ) -> HeadVectors? {
    guard let cached else { return nil }
    let present = rows(source, active, sequence, head, rotary)
    return present.count == cached.count ? present : cached
  }

  /// The rows of one sequence and head whose positions are wanted.
  private func rows(
    _ source: Rows, _ active: ActiveRows, _ sequence: Int, _ head: Int, _ rotary: RotaryTable?,
    _ isWanted: (_ position: Int) -> Bool = { _ in true }
  ) -> HeadVectors {
    let span = active.spans.first { $0.sequence == sequence }
    let wanted = (span?.positions ?? []).enumerated().filter { isWanted($0.element) }
    let first = span?.firstRow ?? 0
    let columns = source.from(column: head * spec.headDim)
    return HeadVectors(
      rows: wanted.map {
        UnsafePointer(columns.from(row: first + $0.offset).assumingMemoryBound(to: Float.self))
      }, positions: wanted.map(\.element), size: spec.headDim, rotary: rotary)
  }

  /// One KV head of one sequence as it is recorded.
  struct Head {
    fileprivate let feed: RecorderFeed
    fileprivate let worker: any RecorderWorker

    /// Rows of a tile at `positions` that are wanted.
    func wanted(_ positions: ArraySlice<Int>) -> [Int] {
      positions.enumerated().filter { feed.takes($0.element) }.map(\.offset)
    }

    /// Divides the strip of one head and query by its sum, into the recorder's row.
    func store(
      _ strip: UnsafePointer<Float>, sum: Float, slots: Range<Int>,
      in row: UnsafeMutablePointer<Float>
    ) {
      feed.kernels.table.pointee.multiply(strip + slots.lowerBound, 1 / sum, row, slots.count)
    }

    func take(_ tile: AttentionTile) { worker.take(tile) }

    func finish() { worker.finish() }
  }
}
