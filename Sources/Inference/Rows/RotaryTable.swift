import Foundation

/// Cosines and sines of one rotary position embedding at consecutive positions, (position,
/// dimension / 2) each.
final class RotaryTable {
  /// Dimensions that rotate; 0 where nothing does.
  let dimension: Int
  /// The factor by which the rotation multiplies lengths.
  let attentionFactor: Double
  let positions: Range<Int>
  private let frequencies: [Float]
  private let cosineBuffer: Buffer
  private let sineBuffer: Buffer

  /// The angles at `positions` in a text of `length` tokens, rounded where the reference
  /// implementation rounds: inverse frequencies and angles are float32.
  init(_ spec: RotarySpec, positions: Range<Int>, length: Int) {
    dimension = spec.dimension
    attentionFactor = spec.attentionFactor
    self.positions = positions
    let half = spec.dimension / 2
    cosineBuffer = Buffer(floats: positions.count * half)
    sineBuffer = Buffer(floats: positions.count * half)
    frequencies = spec.inverseFrequencies(length: length)
    let factor = Float(spec.attentionFactor)
    for (row, position) in positions.enumerated() {
      for (index, frequency) in frequencies.enumerated() {
        let angle = Double(Float(position) * frequency)
        cosineBuffer.floats[row * half + index] = Float(cos(angle)) * factor
        sineBuffer.floats[row * half + index] = Float(sin(angle)) * factor
      }
    }
  }

  /// Bytes of cosines and sines of `length` positions.
  static func byteCount(_ spec: RotarySpec, length: Int) -> Int {
    2 * length * (spec.dimension / 2) * MemoryLayout<Float>.stride
  }

  /// Cosines and sines averaged over positions, whether the table holds them or not.
  func mean(over positions: Range<Int>) -> (cosines: [Double], sines: [Double]) {
    let scale = attentionFactor / Double(max(1, positions.count))
    func mean(_ function: (Double) -> Double) -> [Double] {
      frequencies.map { frequency in
        positions.reduce(0) { $0 + function(Double(Float($1) * frequency)) } * scale
      }
    }
    return (mean(cos), mean(sin))
  }

  /// Cosines from `position` on.
  func cosines(from position: Int) -> UnsafePointer<Float> {
    UnsafePointer(cosineBuffer.floats + (position - positions.lowerBound) * (dimension / 2))
  }

  /// Sines from `position` on.
  func sines(from position: Int) -> UnsafePointer<Float> {
    UnsafePointer(sineBuffer.floats + (position - positions.lowerBound) * (dimension / 2))
  }

  /// Cosines and sines of all positions, and where a position stands among them.
  var cosines: UnsafePointer<Float> { UnsafePointer(cosineBuffer.floats) }
  var sines: UnsafePointer<Float> { UnsafePointer(sineBuffer.floats) }
  func row(of position: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: position - positions.lowerBound)
  }
}

/// The rotations of a model, made when positions first need them and kept from pass to pass.
final class RotaryTables {
  private let specs: [RotarySpec]
  private var tables: [(table: RotaryTable, length: Int)] = []

  init(_ spec: ArchitectureSpec) {
    // The last one rotates nothing, for layers without rotation.
    specs = spec.rotaries + [RotarySpec(dimension: 0, base: 1)]
  }

  /// Tables that hold `positions`, in texts of `length` tokens.
  ///
  /// A rotation that depends on the length of the text is made anew for another length, and holds
  /// `positions` alone where the length is not final; any other one grows by doubling.
  func prepare(positions: Range<Int>, length: Int, isFinal: Bool) {
    for (index, spec) in specs.enumerated() {
      let dependsOnLength = spec.dependsOnLength
      if tables.indices.contains(index) {
        let present = tables[index].table.positions
        let holds =
          present.lowerBound <= positions.lowerBound && positions.upperBound <= present.upperBound
        if holds, !dependsOnLength || tables[index].length == length { continue }
      }
      var range = positions
      if !dependsOnLength || isFinal {
        let present = tables.indices.contains(index) ? tables[index].table.positions.count : 0
        let grown = dependsOnLength ? 0 : 2 * present
        range = 0..<max(positions.upperBound, length, grown)
      }
      let made = (RotaryTable(spec, positions: range, length: length), length)
      if tables.indices.contains(index) { tables[index] = made } else { tables.append(made) }
    }
  }

  /// Takes the tables of other rotations of the same model where there are none yet: keys that are
  /// copied bring theirs.
  func adopt(_ other: RotaryTables) {
    if tables.isEmpty { tables = other.tables }
  }

  /// The rotation of a layer; of the last table where the layer has none.
  subscript(_ layer: LayerSpec) -> RotaryTable {
    tables[layer.rotary ?? specs.count - 1].table
  }

  /// Bytes of the angles that chunks of `length` tokens need.
  static func byteCount(_ spec: ArchitectureSpec, length: Int) -> Int {
    spec.rotaries.reduce(0) { $0 + RotaryTable.byteCount($1, length: length) }
  }
}
