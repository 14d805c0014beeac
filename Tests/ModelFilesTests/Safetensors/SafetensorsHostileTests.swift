import TestSupport
import Testing

@testable import ModelFiles

/// Broken safetensors files, each with the one line that refuses it.
@Suite struct SafetensorsHostileTests {
  struct BadFile: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let message: String

    init(_ name: String, _ bytes: [UInt8], _ message: String) {
      testDescription = name
      self.bytes = bytes
      self.message = message
    }

    /// A file whose header is a JSON object of `members`.
    init(_ name: String, _ members: String, data: Int = 8, _ message: String) {
      self.init(
        name, SafetensorsBuilder.file("{\(members)}", data: data), message)
    }
  }

  private static func tensor(
    _ name: String, _ dtype: String = "F32", shape: String = "[2]", at offsets: String = "[0,8]"
  ) -> String {
    SafetensorsBuilder.tensor(name, dtype, shape: shape, at: offsets)
  }

  private static func file(_ header: String, data: Int = 8) -> [UInt8] {
    SafetensorsBuilder.file(header, data: data)
  }

  static let headers: [BadFile] = [
    BadFile("empty", [], "0 bytes are too few for a safetensors header"),
    BadFile("seven bytes", [2, 0, 0, 0, 0, 0, 0], "7 bytes are too few for a safetensors header"),
    BadFile(
      "no header", littleEndian(UInt64(0)), "header: invalid JSON at byte 0: unexpected end"),
    BadFile(
      "length over the limit", SafetensorsBuilder.file([], length: 100_000_001),
      "header length 100000001 is over 100000000; not a safetensors file?"),
    BadFile(
      "length of 2^64 - 1", SafetensorsBuilder.file([], length: .max),
      "header length 18446744073709551615 is over 100000000; not a safetensors file?"),
    BadFile(
      "length past the end", SafetensorsBuilder.file(Array("{}".utf8), length: 3),
      "header length 3 exceeds the 2 bytes that follow"),
    BadFile(
      "not UTF-8", SafetensorsBuilder.file(Array("{\"".utf8) + [0xFF] + Array("\":null}".utf8)),
      "header: invalid JSON at byte 2: not UTF-8"),
    BadFile("array", file("[]"), "header: not a JSON object"),
    BadFile("string", file("\"x\""), "header: not a JSON object"),
    BadFile("null", file("null"), "header: not a JSON object"),
    BadFile(
      "byte order mark", file("\u{FEFF}{}"), "header: invalid JSON at byte 0: byte order mark"),
    BadFile(
      "comment", file("{/**/}"),
      "header: invalid JSON at byte 1: a member name in quotes is missing"),
    BadFile(
      "trailing comma", file("{\"__metadata__\":{},}"),
      "header: invalid JSON at byte 19: comma before a closing bracket"),
    BadFile("NaN", file("{\"a\":NaN}"), "header: invalid JSON at byte 5: unexpected byte 'N'"),
    BadFile(
      "raw control character", file("{\"a\u{1}\":1}"),
      "header: invalid JSON at byte 3: raw control character 0x01 in a string"),
    BadFile(
      "lone surrogate", file("{\"\\uD800\":1}"),
      "header: invalid JSON at byte 2: surrogate without its other half"),
    BadFile(
      "bytes behind", file("{}x"), "header: invalid JSON at byte 2: bytes after the value"),
    BadFile(
      "newline behind", file("{}\n"), "header: invalid JSON at byte 2: bytes after the value"),
    BadFile(
      "NUL behind", file("{}\u{0}"), "header: invalid JSON at byte 2: bytes after the value"),
    BadFile(
      "nested too deep",
      file(
        "{\"a\":" + String(repeating: "[", count: 128) + String(repeating: "]", count: 128) + "}"),
      "header: invalid JSON at byte 132: nested deeper than 128"),
    BadFile(
      "nested a million deep", file("{\"a\":" + String(repeating: "[", count: 1_000_000)),
      "header: invalid JSON at byte 132: nested deeper than 128"),
    BadFile(
      "duplicate tensor", tensor("a") + "," + tensor("a"),
      "header: invalid JSON at byte 54: duplicate key \"a\""),
    BadFile(
      "duplicate tensor through an escape", tensor("a") + "," + tensor("\\u0061"),
      "header: invalid JSON at byte 54: duplicate key \"a\""),
    BadFile(
      "duplicate field", "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}",
      "header: invalid JSON at byte 20: duplicate key \"dtype\""),
    BadFile("unclosed", file("{\"a\":"), "header: invalid JSON at byte 5: unexpected end"),
    BadFile(
      "metadata is a list", "\"__metadata__\":[]", "__metadata__: not an object of strings"),
    BadFile(
      "metadata holds a number", "\"__metadata__\":{\"format\":1}",
      "__metadata__: \"format\" is not a string"),
    BadFile(
      "metadata holds null", "\"__metadata__\":{\"format\":null}",
      "__metadata__: \"format\" is not a string"),
  ]

  static let fields: [BadFile] = [
    BadFile("tensor is null", "\"a\":null", "tensor \"a\": not a JSON object"),
    BadFile("tensor is a list", "\"a\":[]", "tensor \"a\": not a JSON object"),
    BadFile("no fields", "\"a\":{}", "tensor \"a\": dtype is missing"),
    BadFile(
      "no shape", "\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}",
      "tensor \"a\": shape is missing"),
    BadFile(
      "no offsets", "\"a\":{\"dtype\":\"F32\",\"shape\":[2]}",
      "tensor \"a\": data_offsets is missing"),
    BadFile(
      "dtype is a number", "\"a\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}",
      "tensor \"a\": dtype is not a string"),
    BadFile("dtype in lower case", tensor("a", "f32"), "tensor \"a\": unknown dtype \"f32\""),
    BadFile("dtype of GGUF", tensor("a", "Q4_0"), "tensor \"a\": unknown dtype \"Q4_0\""),
    BadFile("dtype empty", tensor("a", ""), "tensor \"a\": unknown dtype \"\""),
    BadFile("NUL in a name", tensor("a\\u0000"), "tensor \"a\u{FFFD}\": NUL in the name"),
    BadFile(
      "control characters in a name", tensor("a\\n\\u001b[31m", "X"),
      "tensor \"a\u{FFFD}\u{FFFD}[31m\": unknown dtype \"X\""),
    BadFile(
      "long name", tensor(String(repeating: "n", count: 5000), "X"),
      "tensor \"\(String(repeating: "n", count: 100))…\": unknown dtype \"X\""),
    BadFile("shape is a number", tensor("a", shape: "2"), "tensor \"a\": shape is not an array"),
    BadFile("shape is null", tensor("a", shape: "null"), "tensor \"a\": shape is not an array"),
    BadFile(
      "negative dimension", tensor("a", shape: "[-2]"),
      "tensor \"a\": shape[0] is not a non-negative integer below 2^63"),
    BadFile(
      "fractional dimension", tensor("a", shape: "[1,2.0]"),
      "tensor \"a\": shape[1] is not a non-negative integer below 2^63"),
    BadFile(
      "dimension of 2^64", tensor("a", shape: "[18446744073709551616]"),
      "tensor \"a\": shape[0] is not a non-negative integer below 2^63"),
    BadFile(
      "rank of nine", tensor("a", shape: "[1,1,1,1,1,1,1,1,2]"),
      "tensor \"a\": shape has 9 dimensions, more than 8"),
    BadFile(
      "offsets are null", tensor("a", at: "null"),
      "tensor \"a\": data_offsets is not an array of two"),
    BadFile(
      "one offset", tensor("a", at: "[0]"), "tensor \"a\": data_offsets is not an array of two"),
    BadFile(
      "three offsets", tensor("a", at: "[0,8,8]"),
      "tensor \"a\": data_offsets is not an array of two"),
    BadFile(
      "offset with a fraction", tensor("a", at: "[0,8.0]"),
      "tensor \"a\": data_offsets[1] is not a non-negative integer below 2^63"),
    BadFile(
      "offset with an exponent", tensor("a", at: "[0,8e0]"),
      "tensor \"a\": data_offsets[1] is not a non-negative integer below 2^63"),
    BadFile(
      "offset as text", tensor("a", at: "[\"0\",8]"),
      "tensor \"a\": data_offsets[0] is not a non-negative integer below 2^63"),
    BadFile(
      "offset null", tensor("a", at: "[0,null]"),
      "tensor \"a\": data_offsets[1] is not a non-negative integer below 2^63"),
    BadFile(
      "negative offset", tensor("a", at: "[-8,0]"),
      "tensor \"a\": data_offsets[0] is not a non-negative integer below 2^63"),
    BadFile(
      "offset of 2^64", tensor("a", at: "[0,18446744073709551616]"),
      "tensor \"a\": data_offsets[1] is not a non-negative integer below 2^63"),
    BadFile(
      "end before begin", tensor("a", at: "[8,0]"),
      "tensor \"a\": data_offsets end 0 lies before begin 8"),
    BadFile(
      "element count overflows", tensor("a", shape: "[4294967296,4294967296]"),
      "tensor \"a\": size overflows 63 bits"),
    BadFile(
      "element count overflows before a zero", tensor("a", shape: "[4294967296,4294967296,0]"),
      "tensor \"a\": size overflows 63 bits"),
    BadFile(
      "byte count overflows", tensor("a", shape: "[4611686018427387904]"),
      "tensor \"a\": size overflows 63 bits"),
    BadFile(
      "end plus header overflows",
      tensor("a", "U8", shape: "[1]", at: "[9223372036854775806,9223372036854775807]"),
      "tensor \"a\": size overflows 63 bits"),
    BadFile(
      "half a byte", tensor("a", "F4", shape: "[3]", at: "[0,2]"),
      "tensor \"a\": size is no whole number of bytes"),
    BadFile(
      "size of another shape", tensor("a", shape: "[3]"),
      "tensor \"a\": data_offsets span 8 bytes, but dtype and shape need 12"),
    BadFile(
      "size of another dtype", tensor("a", "F16"),
      "tensor \"a\": data_offsets span 8 bytes, but dtype and shape need 4"),
  ]

  static let layouts: [BadFile] = [
    BadFile(
      "first offset not zero", tensor("a", at: "[8,16]"), data: 16,
      "tensor \"a\": the first data offset is 8, not 0"),
    BadFile(
      "gap", tensor("a") + "," + tensor("b", at: "[12,20]"), data: 20,
      "gap of 4 bytes between tensors \"a\" and \"b\""),
    BadFile(
      "overlap", tensor("a") + "," + tensor("b", at: "[4,12]"), data: 12,
      "tensors \"a\" and \"b\" overlap"),
    BadFile(
      "one inside another",
      tensor("a", shape: "[4]", at: "[0,16]") + "," + tensor("b", at: "[4,12]"),
      data: 16, "tensors \"a\" and \"b\" overlap"),
    BadFile(
      "alias", tensor("a") + "," + tensor("b"), "tensors \"a\" and \"b\" lie at the same place"),
    BadFile(
      "empty tensor inside another", tensor("a") + "," + tensor("b", shape: "[0]", at: "[4,4]"),
      "tensors \"a\" and \"b\" overlap"),
    BadFile(
      "empty tensor past the end", tensor("a") + "," + tensor("b", shape: "[0]", at: "[9,9]"),
      "gap of 1 bytes between tensors \"a\" and \"b\""),
    BadFile(
      "data cut off", tensor("a"), data: 7,
      "tensor \"a\": data end at 8, but the file holds 7 bytes of data"),
    BadFile(
      "no data at all", tensor("a"), data: 0,
      "tensor \"a\": data end at 8, but the file holds 0 bytes of data"),
    BadFile("bytes behind the last tensor", tensor("a"), data: 9, "1 bytes after the last tensor"),
    BadFile("data without tensors", file("{}", data: 4), "4 bytes after the last tensor"),
  ]

  @Test(arguments: headers + fields + layouts)
  func isRefused(_ bad: BadFile) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bad.bytes, to: "model.safetensors")
    try folder.write("{}", to: "config.json")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(path) }
    #expect(error?.description == "\(path): \(bad.message)")
  }
}
