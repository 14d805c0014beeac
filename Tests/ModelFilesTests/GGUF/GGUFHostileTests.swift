import TestSupport
import Testing

@testable import ModelFiles

/// Broken GGUF files, each with the one line that refuses it.
@Suite struct GGUFHostileTests {
  struct BadFile: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let message: String

    init(_ name: String, _ message: String, bytes: [UInt8]) {
      testDescription = name
      self.bytes = bytes
      self.message = message
    }

    /// An empty file as `change` makes it.
    init(_ name: String, _ message: String, _ change: (inout GGUFBuilder) -> Void) {
      var builder = GGUFBuilder()
      change(&builder)
      self.init(name, message, bytes: builder.bytes)
    }

    /// A sound file as `change` spoils it.
    init(_ name: String, _ message: String, spoiling change: (inout GGUFBuilder) -> Void) {
      var builder = GGUFBuilder.sound
      change(&builder)
      self.init(name, message, bytes: builder.bytes)
    }
  }

  static let headers: [BadFile] = [
    BadFile("empty", "does not begin with GGUF", bytes: []),
    BadFile("three bytes", "does not begin with GGUF", bytes: Array("GGU".utf8)),
    BadFile(
      "zip", "a zip archive, not a model: expected .safetensors, .gguf, an index JSON or a folder"
    ) { $0.magic = [0x50, 0x4B, 3, 4] },
    BadFile("lower case magic", "does not begin with GGUF") { $0.magic = Array("gguf".utf8) },
    BadFile("magic alone", "the header is cut off at byte 4", bytes: Array("GGUF".utf8)),
    BadFile(
      "no counts", "the header is cut off at byte 8",
      bytes: Array("GGUF".utf8) + littleEndian(UInt32(3))),
    BadFile("version 1", "GGUF version 1 is not supported: versions 2 and 3 are") {
      $0.version = littleEndian(UInt32(1))
    },
    BadFile("version 4", "GGUF version 4 is not supported: versions 2 and 3 are") {
      $0.version = littleEndian(UInt32(4))
    },
    BadFile("big-endian", "big-endian GGUF is not supported") { $0.version = [0, 0, 0, 3] },
    BadFile(
      "tensor count of 2^64 - 1",
      "tensor count 18446744073709551615 does not fit in the 8 bytes that follow"
    ) { $0.tensorCount = .max },
    BadFile("tensor count of one", "tensor count 1 does not fit in the 8 bytes that follow") {
      $0.tensorCount = 1
    },
    BadFile(
      "key count of 2^63", "key count 9223372036854775808 does not fit in the 8 bytes that follow"
    ) { $0.keyCount = 1 << 63 },
    BadFile("key count of one", "key count 1 does not fit in the 8 bytes that follow") {
      $0.keyCount = 1
    },
    BadFile("fewer keys than declared", "key 1 is empty") {
      $0.set("a", UInt32(1))
      $0.keyCount = 2
      $0.extra = 32
    },
  ]

  static let metadata: [BadFile] = [
    BadFile("empty key", "key 0 is empty") { $0.set("", UInt32(1)) },
    BadFile("key too long", "key 0 has 65536 bytes, more than 65535") {
      $0.set(String(repeating: "k", count: 65_536), UInt32(1))
    },
    BadFile("key length of 2^64 - 1", "key 0 has 18446744073709551615 bytes, more than 65535") {
      $0.raw(pair: littleEndian(UInt64.max) + [UInt8](repeating: 0, count: 24))
    },
    BadFile("key past the end", "key 0 of 1000 bytes runs past the end of the file") {
      $0.raw(pair: littleEndian(UInt64(1000)) + [UInt8](repeating: 97, count: 24))
    },
    BadFile("key not UTF-8", "key 0 is not UTF-8") {
      $0.raw(pair: littleEndian(UInt64(1)) + [0xFF] + littleEndian(UInt32(0)) + [1])
    },
    BadFile("duplicate key", "key \"a\" occurs twice") {
      $0.set("a", UInt32(1))
      $0.set("a", "x")
    },
    BadFile("value type 13", "a: unknown value type 13") { $0.pair("a", 13, [0, 0, 0, 0]) },
    BadFile("value type 2^32 - 1", "a: unknown value type 4294967295") {
      $0.pair("a", .max, [0, 0, 0, 0])
    },
    BadFile("value cut off", "a: the value runs past the end of the file") {
      $0.pair("a", 12, [0, 0, 0, 0])
      $0.isHeaderOnly = true
    },
    BadFile("bool cut off", "ab: the value runs past the end of the file") {
      $0.pair("ab", 7, [])
      $0.isHeaderOnly = true
    },
    BadFile("bool of two", "a: 2 is not a bool, 0 or 1") { $0.pair("a", 7, [2]) },
    BadFile("bool of two in an array", "a: 255 is not a bool, 0 or 1") {
      $0.pair("a", 9, GGUFBuilder.array(7, 3, [0, 1, 255]))
    },
    BadFile("string length cut off", "a: the value runs past the end of the file") {
      $0.pair("a", 8, [1, 0, 0])
      $0.isHeaderOnly = true
    },
    BadFile("string past the end", "a: a string of 1000 bytes runs past the end of the file") {
      $0.pair("a", 8, littleEndian(UInt64(1000)))
    },
    BadFile(
      "string of 2^64 - 1",
      "a: a string of 18446744073709551615 bytes runs past the end of the file"
    ) { $0.pair("a", 8, littleEndian(UInt64.max)) },
    BadFile("array header cut off", "a: the value runs past the end of the file") {
      $0.pair("a", 9, littleEndian(UInt32(4)))
      $0.isHeaderOnly = true
    },
    BadFile("array of unknown type", "a: unknown value type 77") {
      $0.pair("a", 9, GGUFBuilder.array(77, 0, []))
    },
    BadFile("array past the end", "a: an array of 1000 elements runs past the end of the file") {
      $0.pair("a", 9, GGUFBuilder.array(4, 1000, [0, 0, 0, 0]))
    },
    BadFile(
      "array whose size overflows",
      "a: an array of 4611686018427387904 elements runs past the end of the file"
    ) { $0.pair("a", 9, littleEndian(UInt32(10)) + littleEndian(UInt64(1) << 62)) },
    BadFile(
      "array of strings past the end",
      "a: an array of 18446744073709551615 elements runs past the end of the file"
    ) { $0.pair("a", 9, littleEndian(UInt32(8)) + littleEndian(UInt64.max)) },
    BadFile("second string past the end", "a: a string of 99 bytes runs past the end of the file") {
      $0.pair("a", 9, GGUFBuilder.array(8, 2, GGUFBuilder.string("x") + littleEndian(UInt64(99))))
    },
    BadFile("arrays nested five deep", "a: arrays nested deeper than 4") {
      var value = GGUFBuilder.array(4, 0, [])
      for _ in 0..<4 { value = GGUFBuilder.array(9, 1, value) }
      $0.pair("a", 9, value)
    },
    BadFile("arrays nested a thousand deep", "a: arrays nested deeper than 4") {
      $0.pair("a", 9, (0..<1000).flatMap { _ in GGUFBuilder.array(9, 1, []) })
    },
    BadFile("alignment of zero", "general.alignment: 0 is not a power of two up to 1048576") {
      $0.set("general.alignment", UInt32(0))
    },
    BadFile("alignment of 48", "general.alignment: 48 is not a power of two up to 1048576") {
      $0.set("general.alignment", UInt32(48))
    },
    BadFile(
      "alignment of 2 MiB", "general.alignment: 2097152 is not a power of two up to 1048576"
    ) { $0.set("general.alignment", UInt32(2_097_152)) },
    BadFile("alignment as text", "general.alignment: string found, uint32 needed") {
      $0.set("general.alignment", "32")
    },
    BadFile("alignment signed", "general.alignment: int32 found, uint32 needed") {
      $0.set("general.alignment", Int32(32))
    },
    BadFile(
      "control characters in a key", "key \"a\u{FFFD}[2Jb\" occurs twice"
    ) {
      $0.set("a\u{1B}[2Jb", UInt32(1))
      $0.set("a\u{1B}[2Jb", UInt32(1))
    },
  ]

  static let tensors: [BadFile] = [
    BadFile("empty name", "the name of tensor 0 is empty") { $0.tensor("") },
    BadFile("name of 64 bytes", "the name of tensor 0 has 64 bytes, more than 63") {
      $0.tensor(String(repeating: "n", count: 64))
    },
    BadFile("name past the end", "the name of tensor 0, of 60 bytes, runs past the end of the file")
    {
      $0.raw(record: littleEndian(UInt64(60)) + [UInt8](repeating: 97, count: 40))
      $0.isHeaderOnly = true
    },
    BadFile("name not UTF-8", "the name of tensor 0 is not UTF-8") {
      $0.raw(record: littleEndian(UInt64(1)) + [0xFF] + [UInt8](repeating: 0, count: 40))
    },
    BadFile("duplicate name", "tensor \"a\" occurs twice") {
      $0.tensor("a")
      $0.tensor("a")
    },
    BadFile("rank of zero", "tensor \"a\": 0 dimensions, not 1 to 4") {
      $0.record("a", [1], rank: 0)
    },
    BadFile("rank of five", "tensor \"a\": 5 dimensions, not 1 to 4") {
      $0.record("a", [1, 1, 1, 1, 1])
    },
    BadFile("rank of 2^32 - 1", "tensor \"a\": 4294967295 dimensions, not 1 to 4") {
      $0.record("a", [1], rank: .max)
    },
    BadFile("dimension of zero", "tensor \"a\": dimension 1 is 0, not 1 to 2^63 - 1") {
      $0.record("a", [2, 0])
    },
    BadFile(
      "negative dimension", "tensor \"a\": dimension 0 is 18446744073709551615, not 1 to 2^63 - 1"
    ) { $0.record("a", [.max]) },
    BadFile("element count overflows", "tensor \"a\": size overflows 63 bits") {
      $0.record("a", [1 << 32, 1 << 32])
    },
    BadFile("element count overflows to one", "tensor \"a\": size overflows 63 bits") {
      $0.record("a", [.max >> 1, 3, 3, 3])
    },
    BadFile("byte count overflows", "tensor \"a\": size overflows 63 bits") {
      $0.record("a", [1 << 62])
    },
    BadFile("unknown type", "tensor \"a\": unknown tensor type 42") { $0.record("a", type: 42) },
    BadFile("unknown type 2^32 - 1", "tensor \"a\": unknown tensor type 4294967295") {
      $0.record("a", type: .max)
    },
    BadFile(
      "removed type Q4_2",
      "tensor \"a\": type Q4_2 was removed from the format; convert the model anew"
    ) { $0.record("a", type: 4) },
    BadFile(
      "removed type Q4_0_8_8",
      "tensor \"a\": type Q4_0_8_8 was removed from the format; convert the model anew"
    ) { $0.record("a", type: 33) },
    BadFile(
      "row of half a block", "tensor \"a\": rows of 48 are no whole number of Q8_0 blocks of 32"
    ) { $0.record("a", [48, 2], type: 8) },
    BadFile(
      "row of half a K block", "tensor \"a\": rows of 128 are no whole number of Q4_K blocks of 256"
    ) { $0.record("a", [128, 2], type: 12) },
    BadFile("offset unaligned", "tensor \"a\": offset 8 is no multiple of the alignment 32") {
      $0.record("a", offset: 8)
      $0.extra = 64
    },
    BadFile("offset past the end", "tensor \"a\": data run past the end of the file") {
      $0.record("a", offset: 64)
      $0.extra = 64
    },
    BadFile("offset of 2^64 - 32", "tensor \"a\": data run past the end of the file") {
      $0.record("a", offset: .max - 31)
      $0.extra = 64
    },
    BadFile("offset of 2^63 - 32", "tensor \"a\": data run past the end of the file") {
      $0.record("a", offset: 1 << 63 - 32)
      $0.extra = 64
    },
    BadFile("data cut off", "tensor \"a\": data run past the end of the file") {
      $0.tensor("a")
      $0.extra = -25
    },
    BadFile("header without data", "tensor \"a\": data run past the end of the file") {
      $0.record("a")
      $0.isHeaderOnly = true
    },
    BadFile("size of 2^60 bytes", "tensor \"a\": data run past the end of the file") {
      $0.record("a", [1 << 58])
    },
    BadFile("overlap", "tensors \"a\" and \"b\" overlap") {
      $0.record("a", [16])
      $0.record("b", [2], offset: 32)
      $0.extra = 64
    },
    BadFile("alias", "tensors \"a\" and \"b\" overlap") {
      $0.record("a")
      $0.record("b")
      $0.extra = 64
    },
    BadFile("record cut off", "the header is cut off at byte 65") {
      $0.raw(
        record: GGUFBuilder.string(String(repeating: "n", count: 21)) + littleEndian(UInt32(1))
          + littleEndian(UInt64(2)))
      $0.isHeaderOnly = true
    },
  ]

  static let contradictions: [BadFile] = [
    BadFile("tokens are one string", "tokenizer.ggml.tokens: string found, array of strings needed")
    {
      $0.set("tokenizer.ggml.tokens", "a b c")
    },
    BadFile(
      "tokens are numbers",
      "tokenizer.ggml.tokens: array of uint32 found, array of strings needed"
    ) { $0.set("tokenizer.ggml.tokens", [UInt32(1)]) },
    BadFile(
      "scores of the wrong length",
      "tokenizer.ggml.scores: 2 elements, but 3 as in tokenizer.ggml.tokens are needed",
      spoiling: {
        $0.pair(
          "tokenizer.ggml.scores", 9, GGUFBuilder.array(6, 2, [UInt8](repeating: 0, count: 8)))
      }),
    BadFile(
      "scores are integers",
      "tokenizer.ggml.scores: array of uint32 found, array of float32 needed",
      spoiling: { $0.set("tokenizer.ggml.scores", [UInt32(1), 2, 3]) }),
    BadFile(
      "token types of the wrong length",
      "tokenizer.ggml.token_type: 4 elements, but 3 as in tokenizer.ggml.tokens are needed",
      spoiling: { $0.set("tokenizer.ggml.token_type", [UInt32(1), 1, 1, 1]) }),
    BadFile(
      "token types are text",
      "tokenizer.ggml.token_type: array of string found, array of integers needed",
      spoiling: { $0.set("tokenizer.ggml.token_type", ["1", "1", "1"]) }),
    BadFile(
      "merges are numbers",
      "tokenizer.ggml.merges: array of uint32 found, array of strings needed",
      spoiling: { $0.set("tokenizer.ggml.merges", [UInt32(1)]) }),
    BadFile(
      "id as text", "tokenizer.ggml.unknown_token_id: string found, integer needed",
      spoiling: { $0.set("tokenizer.ggml.unknown_token_id", "0") }),
    BadFile(
      "fewer blocks than declared", "llama.block_count: 3 blocks declared, but the tensors make 1"
    ) {
      $0.set("general.architecture", "llama")
      $0.set("llama.block_count", UInt32(3))
      $0.tensor("blk.0.attn_norm.weight")
    },
    BadFile(
      "more blocks than declared", "llama.block_count: 2 blocks declared, but the tensors make 8",
      spoiling: { $0.tensor("blk.7.attn_norm.weight") }),
    BadFile("block count as text", "llama.block_count: string found, unsigned integer needed") {
      $0.set("general.architecture", "llama")
      $0.set("llama.block_count", "2")
    },
    BadFile("no heads", "llama.attention.head_count: a head count of zero or below") {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count", UInt32(0))
    },
    BadFile("no KV heads", "llama.attention.head_count_kv: a head count of zero or below") {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count_kv", UInt32(0))
    },
    BadFile("one layer without heads", "llama.attention.head_count: a head count of zero or below")
    {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count", [UInt32(2), 0])
    },
    BadFile("no layer at all", "llama.attention.head_count: a head count of zero or below") {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count", [UInt32]())
    },
    BadFile(
      "head count as text",
      "llama.attention.head_count: string found, unsigned integer, or one a layer needed"
    ) {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count", "4")
    },
    BadFile(
      "head counts for other layers",
      "llama.attention.head_count: 3 elements, but 2 as in block_count are needed"
    ) {
      $0.set("general.architecture", "llama")
      $0.set("llama.block_count", UInt32(2))
      $0.set("llama.attention.head_count", [UInt32(4), 4, 4])
    },
    BadFile(
      "KV heads do not divide the heads",
      "llama.attention.head_count: 4 is no multiple of 3, the value of"
        + " llama.attention.head_count_kv"
    ) {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count", UInt32(4))
      $0.set("llama.attention.head_count_kv", UInt32(3))
    },
    BadFile(
      "more KV heads than heads",
      "llama.attention.head_count: 2 is no multiple of 4, the value of"
        + " llama.attention.head_count_kv"
    ) {
      $0.set("general.architecture", "llama")
      $0.set("llama.attention.head_count", UInt32(2))
      $0.set("llama.attention.head_count_kv", [UInt32(2), 4])
    },
    BadFile(
      "heads do not divide the width",
      "llama.embedding_length: 10 is no multiple of 4, the value of llama.attention.head_count"
    ) {
      $0.set("general.architecture", "llama")
      $0.set("llama.embedding_length", UInt32(10))
      $0.set("llama.attention.head_count", UInt32(4))
    },
    BadFile(
      "renamed part of a split file",
      "one of 3 parts of a split GGUF file, but its name does not end in -00001-of-00003.gguf",
      spoiling: { $0.set("split.count", UInt32(3)) }),
    BadFile(
      "wrong number of tensors",
      "split.tensors.count: 7 tensors declared, but the parts hold 2",
      spoiling: { $0.set("split.tensors.count", Int32(7)) }),
  ]

  @Test(arguments: headers + metadata + tensors + contradictions)
  func isRefused(_ bad: BadFile) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bad.bytes, to: "model.gguf")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(path) }
    #expect(error?.description == "\(path): \(bad.message)")
  }
}
