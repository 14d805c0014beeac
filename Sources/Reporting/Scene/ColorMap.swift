/// A map from 0…1 to colours.
public struct ColorMap: Sendable, Equatable {
  /// What `--color-map` calls it.
  public let name: String
  /// Evenly spaced colours from 0 to 1; between them components are interpolated.
  let samples: [Color]

  /// Samples as six hexadecimal digits each, set apart by white space.
  init(name: String, samples: String) {
    self.name = name
    self.samples = samples.split(whereSeparator: \.isWhitespace).map {
      Color(hex: UInt32($0, radix: 16) ?? 0)
    }
  }

  /// The colour at `fraction`, clamped to 0…1; `nil` for NaN.
  public func color(at fraction: Double) -> Color? {
    guard !fraction.isNaN, let last = samples.last else { return nil }
    let place = min(max(fraction, 0), 1) * Double(samples.count - 1)
    let index = Int(place)
    guard index + 1 < samples.count else { return last }
    return samples[index].mixed(with: samples[index + 1], fraction: place - Double(index))
  }

  /// Every map that an option may name.
  public static let all: [ColorMap] = [.viridis, .magma, .cividis, .diverging]

  public static func named(_ name: String) -> ColorMap? { all.first { $0.name == name } }
}

extension ColorMap {
  /// Perceptually uniform, dark violet to yellow (van der Walt and Smith); within 2/255 of the
  /// published 256 entries.
  public static let viridis = ColorMap(
    name: "viridis",
    samples: """
      440154 470d60 48186a 482374 472d7b 453681 424086 3f4989 3b528b 375a8d 33638d
      2f6a8e 2c728e 297a8e 26818e 23898e 21908c 1f988b 1f9f88 21a685 28ae80 31b57b
      3ebc74 4cc26c 5dc963 6ece58 82d34c 96d83f abdc32 c0df24 d5e21a eae51a fde725
      """)

  /// Perceptually uniform, black through magenta to cream (van der Walt and Smith); within 2/255
  /// of the published 256 entries.
  public static let magma = ColorMap(
    name: "magma",
    samples: """
      000004 030311 0a0822 130d33 1d1146 28115a 36106a 430f76 50127c 5d177f 691c81
      762181 822681 8f2a81 9c2e7f a9327d b63779 c33b75 cf4170 db486a e65163 ee5c5e
      f5695c f9785d fb8761 fd9668 fea571 feb47b fec387 fed194 fde0a2 fceeb0 fcfdbf
      """)

  /// Perceptually uniform and alike for colour-deficient eyes, blue to yellow (Nuñez, Anderton
  /// and Renslow); within 3/255 of the published 256 entries.
  public static let cividis = ColorMap(
    name: "cividis",
    samples: """
      00224e 002554 00285b 002b62 002e6a 003070 043371 113570 1a386f 213b6e 273e6e 2d416d 32436d
      36466c 3b496c 3f4c6c 434e6c 47516c 4b546c 4f576c 52596d 565c6d 5a5f6e 5d626e 61656f 646770
      686a71 6b6d72 6f7073 727374 757676 797877 7c7b78 807e78 848179 878478 8b8778 8f8a78 938d78
      979077 9b9376 9f9676 a39a75 a79d74 aba072 afa371 b3a670 b7aa6e bbad6c bfb06b c3b469 c8b766
      ccba64 d0be61 d4c15f d9c55c ddc958 e1cc55 e6d051 ead44c efd748 f4db42 f8df3c fde334 fee838
      """)

  /// Blue through a light grey to orange red, lightness falling evenly to both sides.
  public static let diverging = ColorMap(
    name: "diverging",
    samples: """
      0b3c6f 1c5490 316dab 5388bf 7ba4cf a3bfdd c8d6e6 e4e8ec f3f1ee f4e6dc f5d0b9
      f1b48d e79363 d6723f bd5225 9c3614 74200b
      """)

  /// Red over yellow to green, as needle-in-a-haystack tests are shown (Figs. 13, 14).
  static let retrieval = ColorMap(name: "retrieval", samples: "f0496e ebb839 0cd79f")
}
