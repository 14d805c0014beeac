import CKernels

extension KVCache {
  /// Panels of keys packed in one piece of work.
  private static let panelsPerPiece = 4

  /// Appends the keys and values of `rows`, all of them consecutive positions of their sequences.
  ///
  /// - Parameters:
  ///   - keys: (rows, kvHeads · headDim) before the rotation, float32.
  ///   - values: like keys; `nil` where only attention rows are wanted.
  ///   - scratch: for each worker (panel width, headDim) floats.
  func append(
    layer: Int, rows: ActiveRows, keys: Rows, values: Rows?, pool: WorkerPool,
    scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
  ) {
    begin(layer: layer, rows: rows)
    struct Piece {
      let slab: KVSlab
      let kvHead: Int
      /// The first row and slot, and how many.
      let row: Int
      let slot: Int
      let count: Int
      let position: Int
      /// Where the first row stands for its rotation.
      let angle: Int
    }
    var pieces: [Piece] = []
    let width = kernels.panelWidth
    for span in rows.spans {
      guard let first = span.positions.first else { continue }
      for kvHead in 0..<spec.kvHeadCount {
        let slab = slab(layer: layer, sequence: span.sequence, kvHead: kvHead)
        let start = slab.count
        slab.extend(by: span.positions.count, expected: expectedCount(of: slab))
        // Pieces end with a panel, so that no two of them write to the same one.
        var done = 0
        while done < span.positions.count {
          let room = width * Self.panelsPerPiece - (start + done) % width
          let count = min(room, span.positions.count - done)
          pieces.append(
            Piece(
              slab: slab, kvHead: kvHead, row: span.firstRow + done, slot: start + done,
              count: count, position: first + done, angle: first - span.shift + done))
          done += count
        }
      }
    }
    let rotary = rotaries[spec.layers[layer]]
    let headDim = spec.headDim
    let table = kernels.table
    pool.run(pieces.count) { index, worker in
      let piece = pieces[index]
      let slab = piece.slab
      let column = piece.kvHead * headDim
      let source = keys.from(column: column).from(row: piece.row)
        .assumingMemoryBound(to: Float.self)
      for offset in 0..<piece.count {
        slab.positions[piece.slot + offset] = UInt32(truncatingIfNeeded: piece.position + offset)
      }
      measure(source, keys.layout.stride, piece.count, rotary, into: slab.norms + piece.slot)
      var done = 0
      while done < piece.count {
        let slot = piece.slot + done
        let count = min(width - slot % width, piece.count - done)
        table.pointee.pack_keys(
          source + done * keys.layout.stride, keys.layout.stride, count, headDim,
          rotary.dimension, rotary.cosines(from: piece.angle + done),
          rotary.sines(from: piece.angle + done), slab.keyPanel(of: slot), slot % width,
          scratch(worker), number)
        done += count
      }
      if let values {
        table.pointee.pack_values(
          values.from(column: column).from(row: piece.row).assumingMemoryBound(to: Float.self),
          values.layout.stride, piece.slot, piece.count, headDim, slab.capacity,
          slab.valuePanels, number)
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
}
