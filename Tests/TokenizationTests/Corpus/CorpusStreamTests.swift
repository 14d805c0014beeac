import CZlib
import Foundation
import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

/// Reading far more than memory should hold, packed files, and what is no text.
@Suite struct CorpusStreamTests {
  /// A pipe that is written to until it is closed, and its path.
  private final class EndlessPipe: @unchecked Sendable {
    let path: String
    private let folder: TemporaryFolder

    init(_ bytes: [UInt8]) throws {
      folder = try TemporaryFolder()
      path = folder.path + "/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      let (path, bytes) = (path, bytes)
      signal(SIGPIPE, SIG_IGN)
      Thread.detachNewThread {
        let descriptor = open(path, O_WRONLY)
        while write(descriptor, bytes, bytes.count) > 0 {}
        close(descriptor)
      }
    }
  }

  private func chunks(
    _ path: String, family: String = "smollm2", maximum: Int? = 1, format: CorpusFormat = .auto
  ) throws -> ChunkedCorpus {
    try Chunker(
      tokenizer: TokenizerFixture.tokenizer(family), chunkLength: 99, bos: .never,
      maximumChunks: maximum
    ).chunks(of: Corpus([path], options: Corpus.Options(format: format)))
  }

  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var (stream, packed) = (z_stream(), [UInt8](repeating: 0, count: bytes.count + 1000))
    var bytes = bytes
    let size = Int32(MemoryLayout<z_stream>.size)
    deflateInit2_(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    packed.withUnsafeMutableBufferPointer { output in
      bytes.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        _ = deflate(&stream, Z_FINISH)
      }
    }
    deflateEnd(&stream)
    return Array(packed.prefix(Int(stream.total_out)))
  }

  @Test func endlessTextIsReadAsFarAsNeeded() throws {
    let line = "some more text "
    let pipe = try EndlessPipe(Array(String(repeating: line, count: 500).utf8))
    let endless = try chunks(pipe.path)
    let text = String(repeating: line, count: 100)
    let ids = try TokenizerFixture.tokenizer("smollm2").encode(text)
    #expect(endless.tokens == Array(ids.prefix(100)) && endless.count == 1)
  }

  @Test func endlessRecordsAreReadAsFarAsNeeded() throws {
    let line = Array("{\"text\": \"some more text\"}\n".utf8)
    let pipe = try EndlessPipe(line)
    let endless = try chunks(pipe.path)
    #expect(endless.tokens.count == 100 && endless.summary.documents < 200)
    #expect(endless.summary.recognised == ["pipe"])
  }

  /// What cannot be cut is refused once it is longer than any text.
  @Test func endlessWordsAreRefused() throws {
    for (family, limit, isTokenizer) in [
      ("smollm2", Corpus.longestStretch, false), ("unigram", Corpus.longestRecord, true),
    ] {
      let pipe = try EndlessPipe([UInt8](repeating: UInt8(ascii: "y"), count: 1 << 16))
      let error = CorpusError.uncut(path: pipe.path, limit: limit, isTokenizer: isTokenizer)
      #expect(throws: error) { try chunks(pipe.path, family: family) }
    }
    let pipe = try EndlessPipe([UInt8](repeating: UInt8(ascii: "{"), count: 1 << 16))
    let error = CorpusError.recordTooLong(path: pipe.path, line: 1, limit: Corpus.longestRecord)
    #expect(throws: error) { try chunks(pipe.path, format: .jsonl) }
  }

  /// A document that is encoded as it is read has the ids of the whole.
  @Test(arguments: ["smollm2", "llama3", "deepseek", "spm-bpe", "unigram"])
  func longDocumentsHaveTheIDsOfTheWhole(family: String) throws {
    let fixture = try TokenizerFixture(family)
    let part = fixture.texts.filter { !$0.utf8.contains(0) }.prefix(400).joined(
      separator: " don't cut it's here word\nNext ")
    let text = Array(String(repeating: part, count: 1 + (280_000 / part.utf8.count)).utf8)
    #expect(text.count > 1 << 18)
    let scratch = try TemporaryFolder([
      "a.txt": text, "b.txt": Array("more text".utf8), "a.txt.gz": gzip(text),
    ])
    let (plain, packed) = (scratch.path + "/a.txt", scratch.path + "/a.txt.gz")
    let all = fixture.tokenizer.encode(text)
    for corpus in [[plain], [packed], [plain, scratch.path + "/b.txt"]] {
      let chunks = try Chunker(
        tokenizer: fixture.tokenizer, chunkLength: 49, bos: .never, threads: 2
      ).chunks(of: Corpus(corpus))
      let expected = corpus.count == 1 ? all : all + fixture.tokenizer.encode("more text")
      #expect(chunks.tokens[...] == expected.prefix(expected.count / 50 * 50))
    }
  }

  @Test func separatorsStandBetweenDocumentsAlone() throws {
    let long = Array(String(repeating: "some more text ", count: 40_000).utf8)
    let scratch = try TemporaryFolder(["a.txt": long, "b.txt": Array("x".utf8), "c.txt": long])
    var parts = try TokenizerFile.parts(TokenizerFixture.json("llama3.json").root)
    let eos: Int32 = 7
    parts.eosID = eos
    let tokenizer = Tokenizer(parts)
    let chunks = try Chunker(
      tokenizer: tokenizer, chunkLength: 1, bos: .never, separatesByEOS: true
    ).chunks(of: Corpus([scratch.path]))
    let expected = tokenizer.encode(long) + [eos] + tokenizer.encode("x") + [eos]
    #expect(chunks.tokens.prefix(expected.count) == expected[...])
  }

  /// Characters and ill-formed parts that lie across the pieces in which a file is read.
  @Test func piecesOfCharactersArePutTogether() throws {
    let size = TextSource.windowSize
    for offset in 1...3 {
      let before = [UInt8](repeating: 0x61, count: size - offset)
      for tail in [Array("😀b".utf8), [0xF0, 0x9F, 0x98, 0x62], [0xE5, 0xAD], [0xC3]] {
        let bytes = before + tail
        let scratch = try TemporaryFolder(["a.txt": bytes])
        let (texts, summary) = try documents(Corpus([scratch.path + "/a.txt"]))
        let repaired = repairedUTF8(bytes)
        #expect(Array(texts[0].utf8) == repaired?.text ?? bytes)
        #expect(summary.replacements == repaired?.replacements ?? 0)
      }
    }
    let bad = [UInt8](repeating: 0x61, count: size + 5) + [0xFF]
    let scratch = try TemporaryFolder(["a.txt": bad])
    let path = scratch.path + "/a.txt"
    #expect(throws: CorpusError.invalidUTF8(path: path, offset: size + 5)) {
      try documents(Corpus([path], options: Corpus.Options(isStrict: true)))
    }
  }

  // MARK: Packed files

  @Test func readsPackedFilesByTheirContent() throws {
    let text = Array("packed text, ".utf8)
    let lines = Array("{\"text\":\"one\"}\n{\"text\":\"two\"}".utf8)
    let scratch = try TemporaryFolder([
      "a.txt.gz": gzip(text), "b.jsonl.gz": gzip(lines), "c": gzip(text),
      "d.txt": gzip(text) + gzip(text) + [0, 0, 0], "e.gz": gzip(lines), "f.txt": gzip([]),
    ])
    func texts(_ name: String) throws -> [String] {
      try documents(Corpus([scratch.path + "/" + name])).texts
    }
    #expect(try texts("a.txt.gz") == ["packed text, "] && texts("c") == ["packed text, "])
    #expect(try texts("b.jsonl.gz") == ["one", "two"] && texts("e.gz") == ["one", "two"])
    #expect(try texts("d.txt") == ["packed text, packed text, "] && texts("f.txt") == [""])
    #expect(try Corpus.contents(of: scratch.path + "/c", limit: 99) == text)
    let long = CorpusError.tooLong(path: scratch.path + "/c", limit: 9)
    #expect(throws: long) { try Corpus.contents(of: scratch.path + "/c", limit: 9) }
  }

  @Test func damagedPackedFilesAreRefused() throws {
    let packed = gzip(Array(String(repeating: "some text ", count: 50).utf8))
    var wrong = packed
    wrong[packed.count - 6] ^= 1
    for (bytes, damage) in [
      (Array(packed.dropLast(9)), CorpusError.Damage.ends), (Array(packed.prefix(5)), .ends),
      (wrong, .checksum), (packed + [0x61], .trailing), (packed + [0x1F, 0x8B], .ends),
      ([0x1F, 0x8B, 8, 0xFF] + packed, .checksum),
    ] {
      let scratch = try TemporaryFolder(["a.gz": bytes])
      let path = scratch.path + "/a.gz"
      #expect(throws: CorpusError.damaged(path: path, damage)) { try documents(Corpus([path])) }
    }
  }

  // MARK: What is no text

  @Test(arguments: [
    ([0xFF, 0xFE, 0x7B, 0], ForeignFormat.utf16), ([0xFE, 0xFF, 0, 0x7B], .utf16),
    (Array("{\0\"\0t\0e\0x\0t\0\"\0:\0\"\0a\0".utf8), .utf16),
    (Array("\0s\0o\0m\0e\0 \0t\0e\0x\0t".utf8), .utf16),
    ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], .utf32), ([0x28, 0xB5, 0x2F, 0xFD, 1], .zstandard),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz), (Array("PK".utf8) + [3, 4], .zip),
    (Array("PAR1".utf8), .parquet), (Array("BZh9".utf8) + [0x31, 0x41, 0x59, 0x26], .bzip2),
  ])
  func foreignFormatsAreNamed(bytes: [UInt8], format: ForeignFormat) throws {
    for name in ["a.txt", "a.jsonl", "a"] {
      for bytes in [bytes, gzip(bytes)] {
        let scratch = try TemporaryFolder([name: bytes])
        let path = scratch.path + "/" + name
        let error = CorpusError.foreign(path: path, format)
        #expect(throws: error) { try documents(Corpus([path])) }
        #expect(throws: error) { try Corpus.contents(of: path, limit: 1000) }
        #expect(error.description == "\(path): \(format.advice)")
      }
    }
  }

  @Test func devicesAndSocketsAreRefused() throws {
    #expect(throws: CorpusError.special(path: "/dev/zero", .device)) {
      try documents(Corpus(["/dev/zero"]))
    }
    #expect(throws: CorpusError.special(path: "/dev/zero", .device)) {
      try Corpus.contents(of: "/dev/zero", limit: 10)
    }
    // It ends at once.
    #expect(try Corpus.contents(of: "/dev/null", limit: 10) == [])
    let scratch = try TemporaryFolder()
    #expect(throws: CorpusError.special(path: scratch.path, .folder)) {
      try Corpus.contents(of: scratch.path, limit: 10)
    }
    let path = "\(scratch.path)/s"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(AF_UNIX, kind, 0)
    defer { close(descriptor) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    #expect(throws: CorpusError.special(path: path, .socket)) { try documents(Corpus([path])) }
  }

  /// A mapped file would end the process.
  @Test func filesThatAreCutShortAreRefused() throws {
    let scratch = try TemporaryFolder(["a.txt": [UInt8](repeating: 0x61, count: 1 << 18)])
    let path = scratch.path + "/a.txt"
    var windows = 0
    #expect(throws: CorpusError.cutShort(path: path)) {
      try Corpus([path]).forEachPart { _ in
        windows += 1
        truncate(path, 1 << 17)
        return true
      }
    }
    #expect(windows > 0)
  }

  @Test func whatIsAppendedLaterIsNotRead() throws {
    let scratch = try TemporaryFolder(["a.txt": [UInt8](repeating: 0x61, count: 1 << 17)])
    let path = scratch.path + "/a.txt"
    var read = 0
    try Corpus([path]).forEachPart { part in
      if case .text(let text, _) = part { read += text.count }
      let handle = FileHandle(forWritingAtPath: path)
      handle?.seekToEndOfFile()
      handle?.write(Data("more".utf8))
      return true
    }
    #expect(read == 1 << 17)
  }

  @Test func waitingForAPipeCanBeInterrupted() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    // Nobody ever writes to it.
    #expect(throws: CorpusError.interrupted) {
      try documents(Corpus([path], isCancelled: { true }))
    }
  }
}
