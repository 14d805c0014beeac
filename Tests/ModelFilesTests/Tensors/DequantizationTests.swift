import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// Widening stored blocks against frozen values of the reference implementations; the fixture and
/// its script are `Fixtures/dequantize.safetensors` and `Fixtures/make_dequantize.py`.
@Suite struct DequantizationTests {
  static let computable = StoredType.allCases.filter(\.isComputable)

  private func fixture() throws -> (MappedFile, TensorTable) {
    let url = try #require(
      Bundle.module.url(
        forResource: "dequantize", withExtension: "safetensors", subdirectory: "Fixtures"))
    let file = try MappedFile(url.path)
    return (file, try TensorTable(SafetensorsHeader(file, index: 0).tensors))
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    let (file, tensors) = try fixture()
    let tensor = try #require(tensors[name])
    return file.withBytes { [UInt8]($0[tensor.byteRange]) }
  }

  /// Every value has the reference's bits; of NaNs only that they are NaN, since their payload
  /// depends on the processor.
  @Test(arguments: computable)
  func equalsReferenceBitForBit(type: StoredType) throws {
    let stored = try bytes("\(type.name).stored")
    let expected = try bytes("\(type.name).values").withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map {
        Float(
          bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
    var found = [Float](repeating: .nan, count: expected.count)
    let isDone = stored.withUnsafeBytes { source in
      found.withUnsafeMutableBufferPointer { type.dequantize(source, into: $0) }
    }
    #expect(isDone)
    for (index, (a, b)) in zip(found, expected).enumerated() where a.bitPattern != b.bitPattern {
      #expect(a.isNaN && b.isNaN, "\(type.name)[\(index)]: \(a), reference \(b)")
    }
  }

  /// The source may lie at any address: tensors of a file need not be aligned.
  @Test(arguments: computable)
  func readsUnalignedSource(type: StoredType) throws {
    let stored = try bytes("\(type.name).stored")
    let count = stored.count / type.bytesPerBlock * type.elementsPerBlock
    var aligned = [Float](repeating: 0, count: count)
    var shifted = aligned
    let isAlignedDone = stored.withUnsafeBytes { source in
      aligned.withUnsafeMutableBufferPointer { type.dequantize(source, into: $0) }
    }
    let isShiftedDone = ([0] + stored).withUnsafeBytes { source in
      shifted.withUnsafeMutableBufferPointer {
        type.dequantize(UnsafeRawBufferPointer(rebasing: source.dropFirst()), into: $0)
      }
    }
    #expect(isAlignedDone && isShiftedDone)
    #expect(aligned.map(\.bitPattern) == shifted.map(\.bitPattern))
  }

  @Test func refusesWrongLengthsAndTypes() {
    var values = [Float](repeating: 7, count: 33)
    let bytes = [UInt8](repeating: 0, count: 34)
    func attempt(_ type: StoredType, _ bytes: Int, _ count: Int) -> Bool {
      values.withUnsafeMutableBufferPointer { values in
        [UInt8](repeating: 0, count: bytes).withUnsafeBytes {
          type.dequantize($0, into: UnsafeMutableBufferPointer(rebasing: values.prefix(count)))
        }
      }
    }
    #expect(attempt(.q8_0, bytes.count, 32))
    #expect(!attempt(.q8_0, bytes.count, 33))
    #expect(!attempt(.q8_0, bytes.count - 1, 32))
    #expect(!attempt(.i32, 4, 1))
    #expect(attempt(.q8_0, 0, 0))
  }
}
