import Foundation

/// Cosines and sines of the rotary position embedding, (position, dimension / 2) each.
final class RotaryTable {
  let dimension: Int
  private let cosineBuffer: Buffer
  private let sineBuffer: Buffer

  /// The angles of positions below `length`, rounded where the reference implementation rounds:
  /// inverse frequencies and angles are float32.
  init(_ spec: RotarySpec, length: Int) {
    dimension = spec.dimension
    let half = spec.dimension / 2
    cosineBuffer = Buffer(floats: length * half)
    sineBuffer = Buffer(floats: length * half)
    let frequencies = (0..<half).map { index in
      1 / Float(pow(spec.base, Double(Float(2 * index) / Float(spec.dimension))))
    }
    for position in 0..<length {
      for (index, frequency) in frequencies.enumerated() {
        let angle = Double(Float(position) * frequency)
        cosineBuffer.floats[position * half + index] = Float(cos(angle))
        sineBuffer.floats[position * half + index] = Float(sin(angle))
      }
    }
  }

  /// Cosines from `position` on.
  func cosines(from position: Int = 0) -> UnsafePointer<Float> {
    UnsafePointer(cosineBuffer.floats + position * (dimension / 2))
  }

  /// Sines from `position` on.
  func sines(from position: Int = 0) -> UnsafePointer<Float> {
    UnsafePointer(sineBuffer.floats + position * (dimension / 2))
  }
}
