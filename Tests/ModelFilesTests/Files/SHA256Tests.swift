import Testing

@testable import ModelFiles

/// SHA-256 against the examples of FIPS 180-4 and NIST's long vectors.
@Suite struct SHA256Tests {
  private func digest(_ pieces: [[UInt8]]) -> String {
    var hash = SHA256()
    for piece in pieces { hash.update(piece) }
    return hash.finalize()
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        + "lmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func equalsPublishedExamples(text: String, expected: String) {
    #expect(digest([Array(text.utf8)]) == expected)
  }

  @Test func hashesAMillionLetters() {
    let block = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000)
    #expect(
      digest(Array(repeating: block, count: 100))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// Where the input is cut makes no difference, also around the ends of blocks and of padding.
  @Test func piecesMakeNoDifference() {
    let bytes = (0..<200).map { UInt8($0) }
    for length in [55, 56, 63, 64, 65, 119, 120, 128, 200] {
      let whole = digest([Array(bytes[..<length])])
      for cut in [0, 1, 63, 64, length] where cut <= length {
        #expect(digest([Array(bytes[..<cut]), Array(bytes[cut..<length])]) == whole)
      }
    }
  }
}
