import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// Archives of NumPy read, our own written and read back; `Fixtures/make_npz.py` made the fixture
/// and loads what the writer leaves.
@Suite struct NPZTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The arrays of the fixture.
  static let arrays: [(name: String, array: NumberArray<Double>)] = [
    ("matrix", NumberArray(shape: [2, 3], values: (0..<6).map { Double($0) / 4 })),
    ("line", NumberArray(shape: [4], values: [.nan, .infinity, -0.0, .leastNonzeroMagnitude])),
    ("scalar", NumberArray(shape: [], values: [2.5])),
    ("empty", NumberArray(shape: [0, 7], values: [])),
    ("narrow", NumberArray(shape: [1, 2], values: [1.5, -2.25])),
    (
      "cube",
      NumberArray(
        shape: [2, 3, 4],
        values: (0..<24).map { $0 == 23 ? 1 : Double($0) * (2.0 / 23) - 1 })
    ),
  ]

  private static var stored: [(name: String, array: any StoredArray)] {
    arrays.map { (name: $0.name, array: $0.array) }
  }

  private func bits(_ array: NumberArray<Double>) -> [UInt64] { array.values.map(\.bitPattern) }

  @Test func readsWhatNumPyWrote() throws {
    let url = try #require(
      Bundle.module.url(forResource: "numpy", withExtension: "npz", subdirectory: "Fixtures"))
    let archive = try NPZReader(url.path)
    #expect(archive.names == Self.arrays.map(\.name))
    for (name, expected) in Self.arrays {
      let found = try archive.array(name)
      #expect(found.shape == expected.shape, "\(name)")
      #expect(bits(found) == bits(expected), "\(name)")
    }
  }

  @Test func readsWhatItWrote() throws {
    let bytes = try NPZWriter.archive(Self.stored)
    let path = try folder.write(bytes, to: "a.npz")
    if let keep = ProcessInfo.processInfo.environment["ALR_KEEP_NPZ"] {
      try Data(bytes).write(to: URL(fileURLWithPath: keep))
    }
    let archive = try NPZReader(path)
    #expect(archive.names == Self.arrays.map(\.name))
    for (name, expected) in Self.arrays {
      let found = try archive.array(name)
      #expect(found.shape == expected.shape && bits(found) == bits(expected), "\(name)")
    }
    #expect(try NPZWriter.archive(Self.stored) == bytes)
  }

  /// The header text of NumPy 2.4, byte for byte.
  @Test(arguments: [
    ([], "{'descr': '<f8', 'fortran_order': False, 'shape': (), }"),
    ([3], "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"),
    ([2, 30], "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 30), }"),
  ])
  func headerIsNumPys(shape: [Int], text: String) throws {
    let bytes = NPYHeader(shape: shape).bytes
    #expect(bytes.count == 128)
    #expect(bytes.prefix(10) == [0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0])
    let padding = String(repeating: " ", count: 117 - text.utf8.count)
    #expect(String(decoding: bytes.dropFirst(10), as: UTF8.self) == text + padding + "\n")
    #expect(try NPYHeader(text: Array(bytes.dropFirst(10))) == NPYHeader(shape: shape))
  }

  /// Where the room that NumPy leaves for growth makes the header a line longer.
  @Test(arguments: [(10, 128), (11, 192), (13, 192)])
  func headerIsAsLongAsNumPys(tens: Int, count: Int) {
    let shape = [0] + [Int](repeating: 10, count: tens)
    #expect(NPYHeader(shape: shape).bytes.count == count)
  }

  /// What packs too well for the reader's limit is stored as it is.
  @Test func storesWhatPacksTooWell() throws {
    let zeros = NumberArray(
      shape: [9_000_000], values: [Double](repeating: 0, count: 9_000_000))
    let bytes = try NPZWriter.archive([("zeros", zeros)])
    #expect(bytes.count > 72_000_000)
    let path = try folder.write(bytes, to: "a.npz")
    #expect(try NPZReader(path).array("zeros").values.count == 9_000_000)
  }

  @Test(arguments: ["", "../up", "a/b", ".hidden", "a\u{0}b"])
  func refusesToWriteName(name: String) {
    let array = NumberArray<Double>(shape: [], values: [0])
    #expect(throws: NPZError(path: "", problem: .badName(index: 0))) {
      try NPZWriter.archive([(name, array)])
    }
  }

  @Test func refusesToWriteNameTwice() {
    let array = NumberArray<Double>(shape: [], values: [0])
    #expect(throws: NPZError(path: "", problem: .duplicateName("a.npy"))) {
      try NPZWriter.archive([("a", array), ("a", array)])
    }
  }
}
