import CKernels

/// Causal attention over a batch: keys and values are packed once a KV head, then tiles of
/// queries go over them; rows that a recorder wants are handed to it while they are in cache.
final class AttentionStage {
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let pool: WorkerPool
  private let batch: TokenBatch
  private let number: alr_number
  private let rotaries: [RotaryTable]
  private let noRotary = RotaryTable.none
  private let recordedPositions: [Int]
  private let recorders: [any KVHeadRecorder]
  private let shape: Shape
  private let keyPanels: Buffer
  private let valuePanels: Buffer
  private let norms: Buffer
  private let scratch: [Scratch]

  /// Sizes that follow from the length of a chunk.
  private struct Shape {
    let length: Int
    /// Positions rounded up to whole panels.
    let capacity: Int
    /// Elements of one KV head's packed keys and values.
    let keyElements: Int
    let valueElements: Int
    /// Floats of what a tile of queries needs.
    let stripFloats, rotatedFloats, sumFloats, keyFloats: Int

    init(spec: ArchitectureSpec, kernels: Kernels, length: Int) {
      let width = kernels.panelWidth
      self.length = length
      capacity = length.roundedUp(to: width)
      keyElements = capacity * spec.headDim
      valueElements = capacity * spec.headDim.roundedUp(to: width)
      stripFloats = kernels.rowTile * (capacity + width)
      rotatedFloats = kernels.rowTile * spec.headDim
      sumFloats = kernels.rowTile
      keyFloats = width * spec.headDim
    }
  }

  /// What one worker's tile needs.
  private struct Scratch {
    let strip: Buffer
    let weights: Buffer
    let rotated: Buffer
    let sums: Buffer
    let keys: Buffer
    let row: Buffer

    init(_ shape: Shape) {
      strip = Buffer(floats: shape.stripFloats)
      weights = Buffer(floats: shape.stripFloats)
      rotated = Buffer(floats: shape.rotatedFloats)
      sums = Buffer(floats: shape.sumFloats)
      keys = Buffer(floats: shape.keyFloats)
      row = Buffer(floats: shape.capacity)
    }

    static func byteCount(_ shape: Shape) -> Int {
      let tile = 2 * shape.stripFloats + shape.rotatedFloats + shape.sumFloats
      return (tile + shape.keyFloats + shape.capacity) * MemoryLayout<Float>.stride
    }
  }

  /// Tiles of queries in one piece of work.
  private static let tilesPerPiece = 4
  /// Panels of keys packed in one piece of work.
  private static let panelsPerPiece = 4

  init(
    spec: ArchitectureSpec, kernels: Kernels, pool: WorkerPool, batch: TokenBatch,
    recorder: (any AttentionRecorder)?, number: alr_number
  ) throws {
    self.spec = spec
    self.kernels = kernels
    self.pool = pool
    self.batch = batch
    self.number = number
    rotaries = spec.rotaries.map { RotaryTable($0, length: batch.length) }
    recordedPositions = recorder?.queryPositions ?? []
    recorders =
      try recorder.map { recorder in
        try (0..<pool.count).map { _ in try recorder.makeKVHeadRecorder() }
      } ?? []
    let shape = Shape(spec: spec, kernels: kernels, length: batch.length)
    self.shape = shape
    let heads = batch.tokens.count * spec.kvHeadCount
    keyPanels = Buffer(bytes: heads * shape.keyElements * number.byteCount)
    valuePanels = Buffer(bytes: heads * shape.valueElements * number.byteCount)
    norms = Buffer(bytes: heads * shape.length * MemoryLayout<Double>.stride)
    scratch = (0..<pool.count).map { _ in Scratch(shape) }
  }

  /// Bytes that each thread takes.
  static func bytesPerWorker(spec: ArchitectureSpec, kernels: Kernels, length: Int) -> Int {
    Scratch.byteCount(Shape(spec: spec, kernels: kernels, length: length))
  }

  /// Bytes that the chunks of a batch share: the angles of every rotation.
  static func sharedBytes(spec: ArchitectureSpec, length: Int) -> Int {
    spec.rotaries.reduce(0) { $0 + RotaryTable.byteCount($1, length: length) }
  }

  /// Bytes that a chunk of `length` tokens takes: packed keys and values, and norms.
  static func bytesPerChunk(
    spec: ArchitectureSpec, kernels: Kernels, number: alr_number, length: Int
  ) -> Int {
    let shape = Shape(spec: spec, kernels: kernels, length: length)
    let packed = (shape.keyElements + shape.valueElements) * number.byteCount
    return spec.kvHeadCount * (packed + length * MemoryLayout<Double>.stride)
  }

  /// Attention of one layer.
  ///
  /// - Parameters:
  ///   - queries: (chunk, positions, heads · headDim) before the rotation, float32.
  ///   - keys: (chunk, length, kvHeads · headDim) before the rotation, float32.
  ///   - values: like keys; `nil` where only attention rows are wanted.
  ///   - output: (chunk, positions, heads · headDim) in `number`.
  ///   - positions: which positions the queries stand for, ascending.
  func run(
    layer: Int, queries: Rows, keys: Rows, values: Rows?, output: Rows, positions: [Int]
  ) {
    let layerSpec = spec.layers[layer]
    let rotary = layerSpec.rotary.map { rotaries[$0] } ?? noRotary
    pack(keys, values, rotary)
    let chunks = batch.tokens.count
    let kvHeads = spec.kvHeadCount
    let recorded = Set(recordedPositions)
    let tileStarts = Array(stride(from: 0, to: positions.count, by: kernels.rowTile))
    let isRecorded = tileStarts.map { start in
      positions[start..<min(start + kernels.rowTile, positions.count)].contains {
        recorded.contains($0)
      }
    }
    // Tiles with recorded rows go to their recorder in one piece, in order.
    let recordedTiles = zip(tileStarts, isRecorded).filter(\.1).map(\.0)
    let plainTiles = zip(tileStarts, isRecorded).filter { !$0.1 }.map(\.0)
    let recordedPieces = recorders.isEmpty ? 0 : chunks * kvHeads
    let plainPieces = (plainTiles.count + Self.tilesPerPiece - 1) / Self.tilesPerPiece

    let queryPositions = positions
    positions.map(UInt32.init).withUnsafeBufferPointer { positions in
      func attend(
        _ chunk: Int, _ kvHead: Int, _ tiles: ArraySlice<Int>, _ worker: Int,
        recorder: (any KVHeadRecorder)?
      ) {
        for tile in tiles {
          let rows = tile..<min(tile + kernels.rowTile, positions.count)
          for head in 0..<spec.groupSize {
            let job = self.job(
              chunk: chunk, kvHead: kvHead, head: kvHead * spec.groupSize + head, rows: rows,
              positions: positions, queries: queries, hasValues: values != nil, output: output,
              rotary: rotary, layer: layerSpec, scratch: scratch[worker])
            withUnsafePointer(to: job) { kernels.table.pointee.attention($0) }
            if let recorder {
              offer(
                rows, positions, recorded, head: head, window: layerSpec.window, to: recorder,
                scratch[worker])
            }
          }
        }
      }
      pool.run(recordedPieces + plainPieces * chunks * kvHeads) { piece, worker in
        if piece < recordedPieces {
          let (chunk, kvHead) = piece.quotientAndRemainder(dividingBy: kvHeads)
          let recorder = recorders[worker]
          let first = norms.bytes.assumingMemoryBound(to: Double.self) + piece * shape.length
          recorder.begin(
            chunk: batch.firstChunk + chunk, layer: layer, kvHead: kvHead,
            keyNorms: UnsafeBufferPointer(start: first, count: shape.length),
            window: layerSpec.window)
          if let recorder = recorder as? any VectorRecorder {
            recorder.take(
              vectors(
                chunk, kvHead, queries, keys, values, layerSpec.rotary == nil ? nil : rotary,
                queriesAt: queryPositions))
          }
          attend(chunk, kvHead, recordedTiles[...], worker, recorder: recorder)
          recorder.finish()
        } else {
          // The longest rows first: what is left for the end is short.
          let (block, group) = (piece - recordedPieces).quotientAndRemainder(
            dividingBy: chunks * kvHeads)
          let end = plainTiles.count - block * Self.tilesPerPiece
          let tiles = plainTiles[max(0, end - Self.tilesPerPiece)..<end]
          attend(group / kvHeads, group % kvHeads, tiles, worker, recorder: nil)
        }
      }
    }
  }

  private func vectors(
    _ chunk: Int, _ kvHead: Int, _ queries: Rows, _ keys: Rows, _ values: Rows?,
    _ rotary: RotaryTable?, queriesAt queryPositions: [Int]
  ) -> KVHeadVectors {
    func vectors(
      _ rows: Rows, head: Int, _ positions: [Int], _ rotary: RotaryTable?
    ) -> HeadVectors {
      HeadVectors(
        base: rows.from(column: head * spec.headDim).from(row: chunk * positions.count)
          .assumingMemoryBound(to: Float.self),
        stride: rows.layout.stride, positions: positions, size: spec.headDim, rotary: rotary)
    }
    let all = Array(0..<shape.length)
    return KVHeadVectors(
      keys: vectors(keys, head: kvHead, all, rotary),
      values: values.map { vectors($0, head: kvHead, all, nil) },
      queries: (0..<spec.groupSize).map {
        vectors(queries, head: kvHead * spec.groupSize + $0, queryPositions, rotary)
      })
  }

  /// Norms of all keys before the rotation, and keys and values as panels.
  private func pack(_ keys: Rows, _ values: Rows?, _ rotary: RotaryTable) {
    let width = kernels.panelWidth
    let headDim = spec.headDim
    let kvHeads = spec.kvHeadCount
    let table = kernels.table
    let block = width * Self.panelsPerPiece
    let blocks = (shape.length + block - 1) / block
    pool.run(batch.tokens.count * kvHeads * blocks) { piece, worker in
      let (group, index) = piece.quotientAndRemainder(dividingBy: blocks)
      let (chunk, kvHead) = group.quotientAndRemainder(dividingBy: kvHeads)
      let first = index * block
      let count = min(block, shape.length - first)
      let column = kvHead * headDim
      let row = chunk * shape.length + first
      let source = keys.from(column: column).from(row: row)
        .assumingMemoryBound(to: Float.self)
      let norm =
        norms.bytes.assumingMemoryBound(to: Double.self) + group * shape.length + first
      measure(source, keys.layout.stride, count, rotary, into: norm)
      for start in stride(from: 0, to: count, by: width) {
        table.pointee.pack_keys(
          source + start * keys.layout.stride, keys.layout.stride, min(width, count - start),
          headDim, rotary.dimension, rotary.cosines(from: first + start),
          rotary.sines(from: first + start),
          keyPanels.bytes
            + (group * shape.keyElements + (first + start) * headDim) * number.byteCount,
          scratch[worker].keys.floats, number)
      }
      if let values {
        table.pointee.pack_values(
          values.from(column: column).from(row: row).assumingMemoryBound(to: Float.self),
          values.layout.stride, first, count, headDim, shape.capacity,
          valuePanels.bytes + group * shape.valueElements * number.byteCount, number)
      }
    }
  }

  /// Norms that rotated keys will have: the rotation keeps lengths but for its own factor.
  private func measure(
    _ keys: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ rotary: RotaryTable,
    into norms: UnsafeMutablePointer<Double>
  ) {
    let table = kernels.table.pointee
    guard rotary.attentionFactor != 1 else {
      table.norms(keys, stride, count, spec.headDim, norms)
      return
    }
    table.norms(keys, stride, count, rotary.dimension, norms)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { rest in
      table.norms(
        keys + rotary.dimension, stride, count, spec.headDim - rotary.dimension, rest.baseAddress)
      for index in 0..<count {
        let rotated = norms[index] * rotary.attentionFactor
        norms[index] =
          rest[index] == 0
          ? rotated : (rotated * rotated + rest[index] * rest[index]).squareRoot()
      }
    }
  }

  private func job(
    chunk: Int, kvHead: Int, head: Int, rows: Range<Int>,
    positions: UnsafeBufferPointer<UInt32>, queries: Rows, hasValues: Bool, output: Rows,
    rotary: RotaryTable, layer: LayerSpec, scratch: Scratch
  ) -> alr_attention {
    let row = chunk * positions.count + rows.lowerBound
    let group = chunk * spec.kvHeadCount + kvHead
    var job = alr_attention()
    job.queries = UnsafePointer(
      queries.from(column: head * spec.headDim).from(row: row)
        .assumingMemoryBound(to: Float.self))
    job.query_stride = queries.layout.stride
    job.rows = rows.count
    job.positions = positions.baseAddress.map { $0 + rows.lowerBound }
    job.head_dim = spec.headDim
    job.rotary_dim = rotary.dimension
    job.cosines = rotary.cosines()
    job.sines = rotary.sines()
    job.window = layer.window ?? 0
    job.scale = spec.attentionScale * layer.scoreScale
    job.soft_cap = spec.attentionSoftCap ?? 0
    job.key_panels = UnsafeRawPointer(
      keyPanels.bytes + group * shape.keyElements * number.byteCount)
    job.value_panels =
      hasValues
      ? UnsafeRawPointer(valuePanels.bytes + group * shape.valueElements * number.byteCount) : nil
    job.key_capacity = shape.capacity
    job.output = output.from(column: head * spec.headDim).from(row: row)
    job.output_stride = output.layout.stride
    job.strip = scratch.strip.floats
    job.weights = number == ALR_NUMBER_F32 ? nil : scratch.weights.bytes
    job.strip_stride = shape.capacity + kernels.panelWidth
    job.rotated = scratch.rotated.bytes
    job.sums = scratch.sums.floats
    job.number = number
    return job
  }

  /// Hands the recorded rows of a finished tile over, divided by their sums.
  private func offer(
    _ rows: Range<Int>, _ positions: UnsafeBufferPointer<UInt32>, _ recorded: Set<Int>, head: Int,
    window: Int?, to recorder: any KVHeadRecorder, _ scratch: Scratch
  ) {
    for row in rows {
      let position = Int(positions[row])
      guard recorded.contains(position) else { continue }
      let index = row - rows.lowerBound
      let first = window.map { max(0, position + 1 - $0) } ?? 0
      let count = position - first + (recorder.takesOwnPosition ? 1 : 0)
      let strip = scratch.strip.floats + index * (shape.capacity + kernels.panelWidth) + first
      kernels.table.pointee.multiply(
        strip, 1 / scratch.sums.floats[index], scratch.row.floats, count)
      recorder.add(
        head: head, position: position,
        attention: UnsafeBufferPointer(start: scratch.row.floats, count: count))
    }
  }
}
