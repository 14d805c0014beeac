import Testing

@testable import ModelFiles

@Suite struct JSONWriterTests {
  @Test func writesTheSameWayEveryTime() {
    let value: JSONValue = [
      "schema": "alr-result/1", "z": 1, "a": [1, 2.5, nil], "rows": [["x": 0.1], ["x": true]],
      "empty": [], "none": [:],
    ]
    let expected = """
      {
        "schema": "alr-result/1",
        "z": 1,
        "a": [1, 2.5, null],
        "rows": [
          {
            "x": 0.1
          },
          {
            "x": true
          }
        ],
        "empty": [],
        "none": {}
      }

      """
    #expect(JSONWriter.string(of: value) == expected)
    #expect(
      JSONWriter.string(of: ["a": [1, nil], "b": [[]]], style: .compact)
        == #"{"a":[1,null],"b":[[]]}"#)
  }

  @Test func writesWhatIsNotFiniteAsNull() {
    #expect(
      JSONWriter.string(
        of: [.double(.nan), .double(.infinity), .double(nil), JSONValue(nil as Int?)],
        style: .compact) == "[null,null,null,null]")
  }

  @Test(arguments: [
    0.1, 1.0 / 3, .leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 1e16, 123456789.125, 1e-7,
  ])
  func doublesReadBackToTheSameBits(value: Double) throws {
    let bytes = JSONWriter.bytes(of: .double(value))
    let read = try #require(try JSONDocument(parsing: bytes).root.double)
    #expect(read.bitPattern == value.bitPattern)
  }

  @Test func escapesWhatMustBeEscaped() throws {
    let text = "\"\\\u{0}\u{1F}\u{7F}\n\r\té😀/"
    let bytes = JSONWriter.bytes(of: .object([.init(text, .string(text))]))
    let member = try #require(try JSONDocument(parsing: bytes).root.members.first)
    #expect(Array(member.key.utf8) == Array(text.utf8))
    #expect(member.value.utf8 == Array(text.utf8))
  }
}
