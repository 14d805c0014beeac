import TestSupport
import Testing

@testable import ModelFiles

/// Well-formed GGUF files: metadata of every type, shapes, split files.
@Suite struct GGUFTests {
  private func header(_ builder: GGUFBuilder) throws -> (GGUFHeader, MappedFile) {
    let folder = try TemporaryFolder()
    let file = try MappedFile(try folder.write(builder.bytes, to: "a.gguf"))
    return (try GGUFHeader(file, index: 0), file)
  }

  @Test func readsEveryScalarType() throws {
    var builder = GGUFBuilder()
    builder.pair("u8", 0, [200])
    builder.pair("i8", 1, [0xFF])
    builder.pair("u16", 2, littleEndian(UInt16(60_000)))
    builder.pair("i16", 3, littleEndian(Int16(-5)))
    builder.set("u32", UInt32.max)
    builder.set("i32", Int32.min)
    builder.pair("f32", 6, littleEndian(Float(1.5).bitPattern))
    builder.pair("yes", 7, [1])
    builder.pair("no", 7, [0])
    builder.set("text", "kärlek")
    builder.pair("u64", 10, littleEndian(UInt64(1) << 62))
    builder.pair("huge", 10, littleEndian(UInt64.max))
    builder.pair("i64", 11, littleEndian(Int64.min))
    builder.pair("f64", 12, littleEndian(Double(-2.25).bitPattern))
    let metadata = try header(builder).0.metadata
    #expect(metadata.unsigned("u8") == 200)
    #expect(metadata.integer("i8") == -1 && metadata.unsigned("i8") == nil)
    #expect(metadata.unsigned("u16") == 60_000)
    #expect(metadata.integer("i16") == -5)
    #expect(metadata.unsigned("u32") == Int(UInt32.max))
    #expect(metadata.integer("i32") == Int(Int32.min))
    #expect(metadata.float("f32") == 1.5 && metadata.float("f64") == -2.25)
    #expect(metadata.bool("yes") == true && metadata.bool("no") == false)
    #expect(metadata.string("text") == "kärlek")
    #expect(metadata.unsigned("u64") == 1 << 62 && metadata.unsigned("huge") == nil)
    #expect(metadata.integer("i64") == Int(Int64.min))
    #expect(metadata.type(of: "f64") == .float64 && metadata.type(of: "none") == nil)
    #expect(metadata.string("u8") == nil && metadata.bool("u8") == nil)
    #expect(metadata.float("u8") == nil && metadata.unsigned("f32") == nil)
    #expect(metadata.keys.count == 14 && metadata.keys.first == "u8")
  }

  /// Writers say -1, 4294967295 or the like where there is no such token.
  @Test func idsOutsideTheVocabularyNameNoToken() throws {
    var builder = GGUFBuilder()
    builder.set("tokenizer.ggml.tokens", ["a", "b", "c"])
    builder.set("tokenizer.ggml.bos_token_id", UInt32(2))
    builder.set("tokenizer.ggml.eos_token_id", UInt32.max)
    builder.set("tokenizer.ggml.padding_token_id", Int32(-1))
    builder.set("tokenizer.ggml.unknown_token_id", UInt32(3))
    builder.pair("tokenizer.ggml.mask_token_id", 10, littleEndian(UInt64.max))
    let folder = try TemporaryFolder()
    let checkpoint = try Checkpoint.open(folder.write(builder.bytes, to: "a.gguf"))
    let metadata = try #require(checkpoint.gguf)
    #expect(metadata.tokenID("bos_token_id") == 2)
    for name in ["eos", "padding", "unknown", "mask", "cls"] {
      #expect(metadata.tokenID("\(name)_token_id") == nil, "\(name)")
    }
  }

  @Test func readsArrays() throws {
    var builder = GGUFBuilder()
    builder.set("strings", ["", "one", "två"])
    builder.set("numbers", [UInt32(1), 2, 3])
    builder.pair("floats", 9, GGUFBuilder.array(6, 1, littleEndian(Float(-0.5).bitPattern)))
    builder.pair("bools", 9, GGUFBuilder.array(7, 2, [1, 0]))
    builder.pair("bytes", 9, GGUFBuilder.array(8, 1, littleEndian(UInt64(2)) + [0xC3, 0x28]))
    builder.pair("nested", 9, GGUFBuilder.array(9, 1, GGUFBuilder.strings(["x"])))
    let metadata = try header(builder).0.metadata
    #expect(metadata.strings("strings").map(Array.init) == ["", "one", "två"])
    #expect(metadata.integers("numbers") == [1, 2, 3])
    #expect(metadata.floats("floats") == [-0.5])
    #expect(metadata.bools("bools") == [true, false])
    #expect(metadata.strings("bytes")?.bytes(at: 0) == [0xC3, 0x28])
    #expect(metadata.strings("bytes")?[0] == "\u{FFFD}(")
    #expect(metadata.array("nested")?.elementType == .array)
    #expect(metadata.strings("numbers") == nil && metadata.integers("strings") == nil)
  }

  /// Dimensions are turned round: a linear weight is (out, in).
  @Test func turnsShapesRound() throws {
    var builder = GGUFBuilder()
    builder.tensor("w", [64, 3], type: 8, bytes: 6 * 34)
    builder.tensor("v", [5], bytes: 20)
    let (header, file) = try header(builder)
    #expect(header.tensors.map(\.shape) == [[3, 64], [5]])
    #expect(header.tensors[0].type == .q8_0 && header.tensors[0].byteCount == 6 * 34)
    #expect(header.tensors[1].offset == header.tensors[0].offset + 224)
    #expect(header.tensors[1].byteRange.upperBound <= file.count)
  }

  @Test func readsVersion2AndOtherAlignments() throws {
    var builder = GGUFBuilder()
    builder.version = littleEndian(UInt32(2))
    builder.alignment = 4096
    builder.set("general.alignment", UInt32(4096))
    builder.tensor("a")
    builder.tensor("b")
    #expect(try header(builder).0.tensors.map(\.offset) == [4096, 8192])
  }

  /// Types that cannot be computed with are opened all the same: `inspect` shows them.
  @Test func opensTypesItCannotCompute() throws {
    var builder = GGUFBuilder()
    builder.tensor("a", [256], type: 19, bytes: 50)
    let tensor = try header(builder).0.tensors[0]
    #expect(tensor.type == .iq1_S && tensor.byteCount == 50 && !tensor.type.isComputable)
  }

  // MARK: Split files

  private func part(_ number: Int, of count: Int, _ tensor: String) -> GGUFBuilder {
    var builder = GGUFBuilder()
    if number == 1 { builder.set("general.name", "whole") }
    builder.pair("split.no", 2, littleEndian(UInt16(number - 1)))
    builder.pair("split.count", 2, littleEndian(UInt16(count)))
    builder.set("split.tensors.count", Int32(count))
    builder.tensor(tensor)
    return builder
  }

  @Test func readsSplitFilesAsOne() throws {
    let folder = try TemporaryFolder()
    for number in 1...3 {
      try folder.write(
        part(number, of: 3, "t\(number)").bytes, to: "tiny-0000\(number)-of-00003.gguf")
    }
    for path in [folder.path, folder.path + "/tiny-00002-of-00003.gguf"] {
      let checkpoint = try Checkpoint.open(path)
      #expect(checkpoint.name == "tiny" && checkpoint.format == .gguf)
      #expect(checkpoint.tensors.map(\.name) == ["t1", "t2", "t3"])
      #expect(checkpoint.tensors["t3"]?.file == 2)
      #expect(checkpoint.gguf?.string("general.name") == "whole")
    }
  }

  @Test(arguments: [
    ("missing part", "part 2 of 2 of a split GGUF file is missing"),
    ("wrong number", "split.no: 0 found, 1 needed"),
    ("wrong count", "split.count: 3 found, 2 needed"),
    ("same tensor", "tensor \"t1\" occurs twice, also in tiny-00001-of-00002.gguf"),
  ])
  func refusesBrokenSplit(flaw: String, message: String) throws {
    let folder = try TemporaryFolder()
    let first = try folder.write(part(1, of: 2, "t1").bytes, to: "tiny-00001-of-00002.gguf")
    let second =
      switch flaw {
      case "wrong number": part(1, of: 2, "t2")
      case "wrong count": part(2, of: 3, "t2")
      default: part(2, of: 2, "t1")
      }
    let other = folder.path + "/tiny-00002-of-00002.gguf"
    if flaw != "missing part" {
      try folder.write(second.bytes, to: "tiny-00002-of-00002.gguf")
    }
    let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(first) }
    #expect(error?.description == "\(other): \(message)")
  }
}
