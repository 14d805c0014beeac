import TestSupport
import Testing

@testable import ModelFiles

/// Broken NPZ archives, each with the one line that refuses it.
@Suite struct NPZHostileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ bytes: [UInt8], array: String? = nil) throws -> String {
    let path = try folder.write(bytes, to: "arrays.npz")
    let error = #expect(throws: NPZError.self) {
      let archive = try NPZReader(path)
      if let array { _ = try archive.array(array) }
    }
    return String((error?.description ?? "").dropFirst(path.count + 2))
  }

  /// One member `a.npy` of `content`, stored, with its directory; fields can be spoilt.
  private func archive(
    _ content: [UInt8], name: String = "a.npy", directoryName: String? = nil, flags: UInt16 = 0,
    method: UInt16 = 0, packed: UInt32? = nil, unpacked: UInt32? = nil, offset: UInt32 = 0,
    checksum: UInt32? = nil, copies: Int = 1, count: UInt16? = nil, comment: [UInt8] = []
  ) -> [UInt8] {
    let sum = checksum ?? content.withUnsafeBytes { Deflate.checksum($0) }
    let fields =
      littleEndian(UInt16(20)) + littleEndian(flags) + littleEndian(method) + [0, 0, 0x21, 0]
      + littleEndian(sum) + littleEndian(packed ?? UInt32(content.count))
      + littleEndian(unpacked ?? UInt32(content.count))
    let local =
      littleEndian(UInt32(0x0403_4B50)) + fields + littleEndian(UInt16(name.utf8.count)) + [0, 0]
      + Array(name.utf8) + content
    let listed = directoryName ?? name
    let entry =
      littleEndian(UInt32(0x0201_4B50)) + [20, 0] + fields
      + littleEndian(UInt16(listed.utf8.count)) + [UInt8](repeating: 0, count: 12)
      + littleEndian(offset) + Array(listed.utf8)
    let directory = (0..<copies).flatMap { _ in entry }
    let end =
      littleEndian(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + littleEndian(count ?? UInt16(copies))
      + littleEndian(count ?? UInt16(copies)) + littleEndian(UInt32(directory.count))
      + littleEndian(UInt32(local.count)) + littleEndian(UInt16(comment.count)) + comment
    return local + directory + end
  }

  /// A `.npy` file with any header text.
  private func npy(_ text: String, data: Int = 8, version: UInt8 = 1) -> [UInt8] {
    let length =
      version == 1 ? littleEndian(UInt16(text.utf8.count)) : littleEndian(UInt32(text.utf8.count))
    return NPYHeader.magic + [version, 0] + length + Array(text.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private static let sound = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"

  @Test func soundArchiveIsRead() throws {
    for version in 1...3 as ClosedRange<UInt8> {
      let path = try folder.write(
        archive(npy(Self.sound, version: version), comment: [1, 2, 3]), to: "arrays.npz")
      #expect(try NPZReader(path).array("a") == NumberArray(shape: [1], values: [0]))
    }
  }

  @Test func directoryIsChecked() throws {
    let content = npy(Self.sound)
    #expect(try refusal([]) == "not a zip archive")
    #expect(try refusal([UInt8](repeating: 0, count: 100)) == "not a zip archive")
    #expect(try refusal(archive(content).dropLast()) == "not a zip archive")
    #expect(try refusal(archive(content) + [0]) == "not a zip archive")
    #expect(try refusal([0] + archive(content)) == "malformed zip directory")
    #expect(try refusal(archive(content, count: 2)) == "malformed zip directory")
    #expect(try refusal(archive(content, count: 0)) == "malformed zip directory")
    #expect(try refusal(archive(content, count: .max)) == "zip64 archives are not supported")
    #expect(try refusal(archive(content, packed: .max)) == "zip64 archives are not supported")
    #expect(try refusal(archive(content, copies: 2)) == "member a.npy: occurs twice")
    #expect(try refusal(archive(content, flags: 1)) == "member a.npy: encrypted")
    #expect(
      try refusal(archive(content, method: 12))
        == "member a.npy: compression method 12 is not supported")
    #expect(
      try refusal(archive(content, offset: 4)) == "member a.npy: data lie outside the archive")
    #expect(
      try refusal(archive(content, offset: 1 << 30)) == "member a.npy: data lie outside the archive"
    )
    #expect(
      try refusal(archive(content, packed: 4096)) == "member a.npy: data lie outside the archive")
    #expect(
      try refusal(archive(content, directoryName: "b.npy"))
        == "member b.npy: data lie outside the archive")
  }

  @Test(arguments: ["a.txt", "../a.npy", "/a.npy", "a\\b.npy", ".npy", "a\u{1}.npy", ""])
  func nameIsChecked(name: String) throws {
    #expect(
      try refusal(archive(npy(Self.sound), name: name))
        == "the name of member 0 is not that of a plain .npy or .json file")
  }

  /// A few bytes that claim to unpack to gigabytes take no memory.
  @Test func bombIsRefused() throws {
    let content = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (500000000,), }")
    let bytes = archive(content, method: 8, unpacked: 4_000_000_083)
    let limit = 4 * bytes.count + (64 << 20)
    #expect(
      try refusal(bytes)
        == "unpacks to 4000000083 bytes, more than the \(limit) allowed for an archive of its length"
    )
  }

  @Test func dataAreChecked() throws {
    let content = npy(Self.sound)
    #expect(
      try refusal(archive(content, checksum: 1), array: "a") == "member a.npy: wrong checksum")
    #expect(try refusal(archive(content, method: 8), array: "a") == "member a.npy: corrupt data")
    #expect(
      try refusal(archive(content, unpacked: UInt32(content.count) - 1), array: "a")
        == "array a: the shape needs 8 bytes of data, but there are 7")
    #expect(
      try refusal(archive(content, packed: UInt32(content.count) - 1), array: "a")
        == "member a.npy: corrupt data")
    #expect(try refusal(archive(content), array: "b") == "no array b")
    #expect(
      try refusal(archive([1, 2, 3]), array: "a") == "array a: does not begin as a .npy file")
    #expect(
      try refusal(archive([UInt8](repeating: 0, count: 99)), array: "a")
        == "array a: does not begin as a .npy file")
    #expect(
      try refusal(archive(npy(Self.sound, version: 4)), array: "a")
        == "array a: .npy version 4 is not supported")
  }

  @Test(arguments: [
    ("", "malformed .npy header"),
    ("{}", ".npy header without descr"),
    ("{'descr': '<f8'}", ".npy header without fortran_order"),
    ("{'descr': '<f8', 'fortran_order': False}", ".npy header without shape"),
    ("{'descr': '<f8', 'descr': '<f8', }", "malformed .npy header"),
    ("{'what': '<f8'}", "malformed .npy header"),
    ("{'descr': '<f8' 'fortran_order': False}", "malformed .npy header"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x", "malformed .npy header"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (1), }", "malformed .npy header"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", "malformed .npy header"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': [1], }", "malformed .npy header"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,", "malformed .npy header"),
    ("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,), }", "malformed .npy header"),
    ("{'descr': '<f8\\n', 'fortran_order': False, 'shape': (1,), }", "malformed .npy header"),
    (
      "{'descr': '<f8', 'fortran_order': True, 'shape': (1,), }", "Fortran order is not supported"
    ),
    (
      "{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }",
      "element type >f8 is not <f8 or <f4"
    ),
    (
      "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
      "element type |O is not <f8 or <f4"
    ),
    (
      "{'descr': '\u{1B}[2J', 'fortran_order': False, 'shape': (1,), }",
      "element type \\u{1B}[2J is not <f8 or <f4"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
      "size overflows 63 bits"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
      "size overflows 63 bits"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }",
      "size overflows 63 bits"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
      "the shape needs 16 bytes of data, but there are 8"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
      "the shape needs 4 bytes of data, but there are 8"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': ("
        + String(repeating: "1, ", count: 33) + "), }", "33 dimensions, more than 32"
    ),
  ])
  func headerIsChecked(text: String, message: String) throws {
    #expect(try refusal(archive(npy(text)), array: "a") == "array a: \(message)")
  }
}
