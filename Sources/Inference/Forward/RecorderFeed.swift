import CKernels

/// Hands a recorder what it asked for of one layer, while attention computes it.
struct RecorderFeed {
  let layer: Int
  /// Query positions whose rows are wanted.
  private let positions: Set<Int>
  /// One a worker.
  private let recorders: [any KVHeadRecorder]
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
    layer: Int, positions: Set<Int>, recorders: [any KVHeadRecorder], spec: ArchitectureSpec,
    kernels: Kernels, vectors: Vectors
  ) {
    self.layer = layer
    self.positions = positions
    self.recorders = recorders
    self.spec = spec
    self.kernels = kernels
    self.vectors = vectors
  }

  /// Whether the row of the query at `position` is wanted.
  func takes(_ position: Int) -> Bool { positions.contains(position) }

  /// Starts a KV head of a sequence on one worker.
  func begin(_ span: ActiveRows.Span, _ kvHead: Int, _ slab: KVSlab, _ worker: Int) -> Recording {
    let recorder = recorders[worker]
    recorder.begin(
      chunk: span.sequence, layer: layer, kvHead: kvHead,
      keyNorms: UnsafeBufferPointer(start: slab.norms, count: slab.count),
      window: spec.layers[layer].window)
    if let recorder = recorder as? any VectorRecorder {
      recorder.take(vectors(ofSequence: span.sequence, kvHead))
    }
    return Recording(feed: self, recorder: recorder)
  }

  /// One KV head of one sequence as it is recorded.
  struct Recording {
    fileprivate let feed: RecorderFeed
    fileprivate let recorder: any KVHeadRecorder

    func takes(_ position: Int) -> Bool { feed.takes(position) }

    /// Hands a row over, divided by its sum; `row` is room for it.
    func offer(
      head: Int, position: Int, strip: UnsafePointer<Float>, sum: Float, slots: Range<Int>,
      row: UnsafeMutablePointer<Float>
    ) {
      let count = slots.count - (recorder.takesOwnPosition ? 0 : 1)
      feed.kernels.table.pointee.multiply(strip + slots.lowerBound, 1 / sum, row, count)
      recorder.add(
        head: head, position: position,
        attention: UnsafeBufferPointer(start: row, count: count))
    }

    func finish() { recorder.finish() }
  }

  private func vectors(ofSequence sequence: Int, _ kvHead: Int) -> KVHeadVectors {
    func vectors(
      _ rows: Rows, _ active: ActiveRows, head: Int, _ rotary: RotaryTable?
    ) -> HeadVectors {
      let span = active.spans.first { $0.sequence == sequence }
      return HeadVectors(
        base: rows.from(column: head * spec.headDim).from(row: span?.firstRow ?? 0)
          .assumingMemoryBound(to: Float.self),
        stride: rows.layout.stride, positions: span?.positions ?? [], size: spec.headDim,
        rotary: rotary)
    }
    return KVHeadVectors(
      keys: vectors(self.vectors.keys, self.vectors.keyRows, head: kvHead, self.vectors.rotary),
      values: self.vectors.values.map {
        vectors($0, self.vectors.keyRows, head: kvHead, nil)
      },
      queries: (0..<spec.groupSize).map {
        vectors(
          self.vectors.queries, self.vectors.queryRows, head: kvHead * spec.groupSize + $0,
          self.vectors.rotary)
      })
  }
}
