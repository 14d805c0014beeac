import Foundation

/// Cosines and sines of the rotary position embedding, (position, dimension / 2) each.
final class RotaryTable {
  /// Dimensions that rotate; 0 where nothing does.
  let dimension: Int
  /// What the rotation multiplies lengths by.
  let attentionFactor: Double
  private let cosineBuffer: Buffer
  private let sineBuffer: Buffer

  /// The angles of positions below `length`, rounded where the reference implementation rounds:
  /// inverse frequencies and angles are float32.
  init(_ spec: RotarySpec, length: Int) {
    dimension = spec.dimension
    attentionFactor = spec.attentionFactor
    let half = spec.dimension / 2
    cosineBuffer = Buffer(floats: length * half)
    sineBuffer = Buffer(floats: length * half)
    let frequencies = spec.inverseFrequencies(length: length)
    let factor = Float(spec.attentionFactor)
    for position in 0..<length {
      for (index, frequency) in frequencies.enumerated() {
        let angle = Double(Float(position) * frequency)
        cosineBuffer.floats[position * half + index] = Float(cos(angle)) * factor
        sineBuffer.floats[position * half + index] = Float(sin(angle)) * factor
      }
    }
  }

  /// Bytes of cosines and sines.
  static func byteCount(_ spec: RotarySpec, length: Int) -> Int {
    2 * length * (spec.dimension / 2) * MemoryLayout<Float>.stride
  }

  /// Nothing rotates.
  static var none: RotaryTable { RotaryTable(RotarySpec(dimension: 0, base: 1), length: 0) }

  /// Cosines from `position` on.
  func cosines(from position: Int = 0) -> UnsafePointer<Float> {
    UnsafePointer(cosineBuffer.floats + position * (dimension / 2))
  }

  /// Sines from `position` on.
  func sines(from position: Int = 0) -> UnsafePointer<Float> {
    UnsafePointer(sineBuffer.floats + position * (dimension / 2))
  }
}
