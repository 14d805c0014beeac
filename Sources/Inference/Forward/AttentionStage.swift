import CKernels

/// Causal attention of the rows of a pass over their cache: tiles of queries go over the packed
/// keys and values of a KV head; rows that a recorder wants are handed to it while they are near.
final class AttentionStage {
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let pool: WorkerPool
  private let number: alr_number
  private var capacity = 0
  private var recordedRows = 0
  private var scratch: [Scratch] = []

  /// The memory in which one worker computes a tile.
  private struct Scratch {
    let strip: Buffer
    let weights: Buffer
    let rotated: Buffer
    let sums: Buffer
    let keys: Buffer
    let recorded: Buffer
    let bounds: Buffer

    init(_ sizes: Sizes) {
      strip = Buffer(floats: sizes.strip)
      weights = Buffer(floats: sizes.strip)
      rotated = Buffer(floats: sizes.rotated)
      sums = Buffer(floats: sizes.sums)
      keys = Buffer(floats: sizes.keys)
      recorded = Buffer(floats: sizes.recorded)
      bounds = Buffer(bytes: sizes.bounds)
    }
  }

  /// Floats of each, and bytes of the bounds, for caches of `capacity` slots and tiles of as many
  /// recorded queries.
  private struct Sizes {
    let strip, rotated, sums, keys, recorded, bounds: Int

    init(spec: ArchitectureSpec, kernels: Kernels, capacity: Int, recordedRows: Int) {
      strip = kernels.rowTile * (capacity + kernels.panelWidth)
      rotated = kernels.rowTile * spec.headDim
      sums = kernels.rowTile
      keys = kernels.panelWidth * spec.headDim
      recorded = recordedRows * spec.groupSize * capacity
      bounds = 3 * kernels.rowTile * MemoryLayout<UInt32>.stride
    }

    var byteCount: Int {
      (2 * strip + rotated + sums + keys + recorded) * MemoryLayout<Float>.stride + bounds
    }
  }

  /// Tiles of queries in one piece of work.
  private static let tilesPerPiece = 4

  init(spec: ArchitectureSpec, kernels: Kernels, pool: WorkerPool, number: alr_number) {
    self.spec = spec
    self.kernels = kernels
    self.pool = pool
    self.number = number
    reserve(capacity: kernels.panelWidth)
  }

  /// Makes room for attention over `slots` slots, of which `rows` queries of a tile are recorded.
  private func reserve(capacity slots: Int, recordedRows rows: Int = 0) {
    if slots <= capacity, rows <= recordedRows { return }
    capacity = max(capacity, slots)
    recordedRows = max(recordedRows, rows)
    scratch = []
    let sizes = Sizes(
      spec: spec, kernels: kernels, capacity: capacity, recordedRows: recordedRows)
    scratch = (0..<pool.count).map { _ in Scratch(sizes) }
  }

  /// Bytes that each thread takes for sequences of `length` tokens, of which `recordedRows` are
  /// recorded.
  static func bytesPerWorker(
    spec: ArchitectureSpec, kernels: Kernels, length: Int, recordedRows: Int
  ) -> Int {
    let capacity = length.roundedUp(to: kernels.panelWidth)
    return Sizes(
      spec: spec, kernels: kernels, capacity: capacity,
      recordedRows: min(kernels.rowTile, recordedRows)
    ).byteCount
  }

  /// Appends keys and values to the cache.
  ///
  /// - Parameters:
  ///   - keys: (rows, kvHeads · headDim) before the rotation, float32.
  ///   - values: like keys; `nil` where only attention rows are wanted.
  func append(layer: Int, rows: ActiveRows, keys: Rows, values: Rows?, to cache: KVCache) {
    cache.append(layer: layer, rows: rows, keys: keys, values: values, pool: pool) {
      scratch[$0].keys.floats
    }
  }

  /// Tiles of the queries of one KV head of one sequence, which one thread does one after another.
  private struct Piece {
    let span: ActiveRows.Span
    let kvHead: Int
    /// First row of each tile within the span.
    let tiles: ArraySlice<Int>
    let isRecorded: Bool
  }

  /// Attention of one layer.
  ///
  /// - Parameters:
  ///   - rows: what the queries stand for; their own keys are in the cache.
  ///   - queries: (rows, heads · headDim) before the rotation, float32.
  ///   - output: (rows, heads · headDim) in `number`; `nil` where only attention rows are wanted.
  ///   - feed: what is recorded of this layer.
  func run(
    layer: Int, rows: ActiveRows, queries: Rows, output: Rows?, cache: KVCache,
    feed: RecorderFeed?
  ) {
    reserve(
      capacity: cache.largestCapacity,
      recordedRows: feed?.rowsPerTile(of: kernels.rowTile) ?? 0)
    let pieces = pieces(rows, feed, plain: output != nil)
    pool.run(pieces.count) { index, worker in
      let piece = pieces[index]
      let slab = cache.slab(
        layer: layer, sequence: piece.span.sequence, kvHead: piece.kvHead)
      let recording = piece.isRecorded ? feed?.begin(piece.span, piece.kvHead, cache, worker) : nil
      for tile in piece.tiles {
        attend(
          tile, of: piece, layer: layer, queries: queries, output: output, slab: slab,
          rotary: cache.rotaries[spec.layers[layer]], recording: recording, scratch[worker])
      }
      recording?.finish()
    }
  }

  /// Tiles with recorded rows go to their recorder in one piece, in order; of the others, which are
  /// there for the output alone, the longest come first, so that what is left for the end is short.
  private func pieces(
    _ rows: ActiveRows, _ feed: RecorderFeed?, plain isPlainWanted: Bool
  ) -> [Piece] {
    var recorded: [Piece] = []
    var plain: [(last: Int, piece: Piece)] = []
    for span in rows.spans {
      let count = span.positions.count
      let tiles = stride(from: 0, to: count, by: kernels.rowTile)
      let isRecorded = tiles.map { start in
        let end = min(start + kernels.rowTile, count)
        return feed.map { feed in span.positions[start..<end].contains(where: feed.takes) } ?? false
      }
      let recordedTiles = zip(tiles, isRecorded).filter(\.1).map(\.0)
      let plainTiles = isPlainWanted ? zip(tiles, isRecorded).filter { !$0.1 }.map(\.0) : []
      for kvHead in 0..<spec.kvHeadCount {
        if feed != nil {
          recorded.append(
            Piece(span: span, kvHead: kvHead, tiles: recordedTiles[...], isRecorded: true))
        }
        for end in stride(from: plainTiles.count, to: 0, by: -Self.tilesPerPiece) {
          let tiles = plainTiles[max(0, end - Self.tilesPerPiece)..<end]
          plain.append(
            (
              span.positions[tiles[tiles.startIndex]],
              Piece(span: span, kvHead: kvHead, tiles: tiles, isRecorded: false)
            ))
        }
      }
    }
    return recorded + plain.sorted { $0.last > $1.last }.map(\.piece)
  }

  /// All heads of the group for one tile of rows.
  private func attend(
    _ start: Int, of piece: Piece, layer: Int, queries: Rows, output: Rows?, slab: KVSlab,
    rotary: RotaryTable, recording: RecorderFeed.Head?, _ scratch: Scratch
  ) {
    let positions = piece.span.positions[
      start..<min(start + kernels.rowTile, piece.span.positions.count)]
    let window = spec.layers[layer].window
    let angles = scratch.bounds.bytes.assumingMemoryBound(to: UInt32.self)
    let first = angles + kernels.rowTile
    let end = first + kernels.rowTile
    for (row, position) in positions.enumerated() {
      angles[row] = rotary.row(of: position - piece.span.shift)
      end[row] = UInt32(truncatingIfNeeded: slab.firstSlot(from: position + 1))
      first[row] = UInt32(
        truncatingIfNeeded: window.map { slab.firstSlot(from: position + 1 - $0) } ?? 0)
    }
    let recorded = recording?.wanted(positions) ?? []
    let slots = recorded.map { Int(first[$0])..<Int(end[$0]) }
    // Heads of the group as rows of one tile, where each has a single query: keys and values are
    // read once for all of them, and no row depends on its tile.
    let together = positions.count == 1 && recorded.isEmpty ? kernels.rowTile : 1
    for row in 1..<min(together, spec.groupSize) where together > 1 {
      (angles[row], first[row], end[row]) = (angles[0], first[0], end[0])
    }
    for head in stride(from: 0, to: spec.groupSize, by: together) {
      var job = job(
        head: piece.kvHead * spec.groupSize + head, row: piece.span.firstRow + start, layer: layer,
        queries: queries, output: output, slab: slab, rotary: rotary, scratch)
      job.rows = positions.count
      if together > 1 {
        job.rows = min(together, spec.groupSize - head)
        job.query_stride = spec.headDim
        job.output_stride = spec.headDim
      }
      job.angles = UnsafePointer(angles)
      job.first = UnsafePointer(first)
      job.end = UnsafePointer(end)
      withUnsafePointer(to: job) { kernels.table.pointee.attention($0) }
      for (index, row) in recorded.enumerated() {
        recording?.store(
          scratch.strip.floats + row * job.strip_stride, sum: scratch.sums.floats[row],
          slots: slots[index],
          in: scratch.recorded.floats + (index * spec.groupSize + head) * capacity)
      }
    }
    if recorded.isEmpty { return }
    recording?.take(
      AttentionTile(
        positions: recorded.map { positions[positions.startIndex + $0] }, slots: slots,
        heads: spec.groupSize, base: scratch.recorded.floats, stride: capacity))
  }

  private func job(
    head: Int, row: Int, layer: Int, queries: Rows, output: Rows?, slab: KVSlab,
    rotary: RotaryTable, _ scratch: Scratch
  ) -> alr_attention {
    var job = alr_attention()
    job.queries = UnsafePointer(
      queries.from(column: head * spec.headDim).from(row: row)
        .assumingMemoryBound(to: Float.self))
    job.query_stride = queries.layout.stride
    job.head_dim = spec.headDim
    job.rotary_dim = rotary.dimension
    job.cosines = rotary.cosines
    job.sines = rotary.sines
    job.scale = spec.attentionScale * spec.layers[layer].scoreScale
    job.soft_cap = spec.attentionSoftCap ?? 0
    job.key_panels = UnsafeRawPointer(slab.keyPanels)
    job.key_capacity = slab.capacity
    if let output {
      job.value_panels = UnsafeRawPointer(slab.valuePanels)
      job.output = output.from(column: head * spec.headDim).from(row: row)
      job.output_stride = output.layout.stride
    }
    job.strip = scratch.strip.floats
    job.weights = number == ALR_NUMBER_F32 ? nil : scratch.weights.bytes
    job.strip_stride = capacity + kernels.panelWidth
    job.rotated = scratch.rotated.bytes
    job.sums = scratch.sums.floats
    job.number = number
    return job
  }
}
