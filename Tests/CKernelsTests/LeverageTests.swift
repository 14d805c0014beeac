import AttentionAnalysis
import CKernels
import TestSupport
import Testing

/// Products of rows with rows and what triangles make of columns, of every instruction set.
struct LeverageTests {
  static let sizes = [1, 2, 4, 5, 7, 64]

  private func rows(_ size: Int, _ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return random.floats(size * count, -2...2).map(Double.init)
  }

  @Test(arguments: KernelSet.all, [16, 48]) func gram(_ kernels: KernelSet, count: Int) {
    for size in Self.sizes {
      let rows = rows(size, count, seed: 5)
      // What lies above the diagonal is left alone.
      var products = [Double](repeating: -7, count: size * size)
      kernels.table.pointee.gram(rows, count, size, &products)
      for i in 0..<size {
        for j in 0..<size {
          let expected = (0..<count).reduce(0.0) {
            $0 + rows[i * count + $1] * rows[j * count + $1]
          }
          let found = products[i * size + j]
          #expect(j > i ? found == -7 : abs(found - expected) < 1e-11, "\(size) \(i) \(j)")
        }
      }
    }
  }

  @Test(arguments: KernelSet.all, [16, 48]) func solvedSquares(_ kernels: KernelSet, count: Int) {
    for size in Self.sizes {
      let rows = rows(size, count, seed: 6)
      var factor = self.rows(size, size, seed: 7).map { $0 / 8 }
      for i in 0..<size {
        factor[i * size + i] = 1 + Double(i % 3)
        // Above the diagonal nothing is read.
        for j in (i + 1)..<max(size, i + 1) { factor[i * size + j] = .nan }
      }
      var sums = [Double](repeating: .nan, count: count)
      var scratch = [Double](repeating: .nan, count: size * 16)
      kernels.table.pointee.solved_squares(factor, rows, count, size, &scratch, &sums)
      for column in 0..<count {
        var solution: [Double] = []
        for i in 0..<size {
          let known = solution.indices.reduce(0.0) { $0 + factor[i * size + $1] * solution[$1] }
          solution.append((rows[i * count + column] - known) / factor[i * size + i])
        }
        let expected = solution.reduce(0) { $0 + $1 * $1 }
        #expect(abs(sums[column] - expected) < 1e-10 * max(1, expected), "\(size) \(column)")
      }
    }
  }
}
