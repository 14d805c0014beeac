import TestSupport
import Testing

@testable import ModelFiles

/// Well-formed safetensors files, the unusual ones included.
@Suite struct SafetensorsTests {
  private func tensors(_ bytes: [UInt8]) throws -> TensorTable {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "model.safetensors")
    return try TensorTable(SafetensorsHeader(MappedFile(path), index: 0).tensors)
  }

  @Test func tellsPlaceTypeAndShape() throws {
    let header =
      "{" + SafetensorsBuilder.tensor("b", "BF16", shape: "[2,3]", at: "[8,20]") + ","
      + SafetensorsBuilder.tensor("a") + "}"
    let table = try tensors(SafetensorsBuilder.file(header, data: 20))
    let start = 8 + header.utf8.count
    #expect(table.map(\.name) == ["a", "b"])
    let b = try #require(table["b"])
    #expect(b.type == .bf16 && b.shape == [2, 3] && b.elementCount == 6)
    #expect(b.byteRange == start + 8..<start + 20)
    #expect(table["c"] == nil)
  }

  @Test(arguments: [
    ("{}", 0, 0),
    ("  {}  ", 0, 0),
    ("{\"__metadata__\":null}", 0, 0),
    ("{\"__metadata__\":{\"format\":\"pt\"}," + SafetensorsBuilder.tensor("a") + "}", 8, 1),
    ("{" + SafetensorsBuilder.tensor("a", shape: "[]", at: "[0,4]") + "}", 4, 1),
    ("{" + SafetensorsBuilder.tensor("a", shape: "[0,5]", at: "[0,0]") + "}", 0, 1),
    (
      "{" + SafetensorsBuilder.tensor("a") + ","
        + SafetensorsBuilder.tensor("z", shape: "[0]", at: "[0,0]") + ","
        + SafetensorsBuilder.tensor("y", shape: "[0]", at: "[8,8]") + "}", 8, 3
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"note\":{\"x\":[1.5]}}}", 1, 1
    ),
    ("{" + SafetensorsBuilder.tensor("a", "F4", shape: "[4]", at: "[0,2]") + "}", 2, 1),
  ])
  func isAccepted(header: String, data: Int, count: Int) throws {
    #expect(try tensors(SafetensorsBuilder.file(header, data: data)).count == count)
  }

  /// Names that are canonically equivalent but not equal are two tensors.
  @Test func namesAreComparedByBytes() throws {
    let table = try tensors(SafetensorsBuilder.vectors(["\u{E9}", "e\u{301}"]))
    #expect(table["\u{E9}"]?.offset != table["e\u{301}"]?.offset)
    #expect(table.count == 2)
  }
}
