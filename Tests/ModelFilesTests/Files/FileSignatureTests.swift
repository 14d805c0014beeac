import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// What files are by their first bytes.
@Suite struct FileSignatureTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The head of a zip archive whose first member has that name.
  private static func zip(_ name: String) -> [UInt8] {
    [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + [UInt8(name.utf8.count), 0, 0, 0]
      + Array(name.utf8)
  }

  static let cases: [([UInt8], FileSignature)] = [
    (GGUFBuilder.sound.bytes, .gguf), (SafetensorsBuilder.vectors(["a"]), .safetensors),
    ([], .empty), (Array("tjgg\u{3}\0\0\0".utf8), .olderGGML),
    (Array("version https://git-lfs.github.com/spec/v1\noid".utf8), .gitLFSPointer),
    (Array("\n <!DOCTYPE HTML><html>".utf8), .webPage), (Array("<html lang=en>".utf8), .webPage),
    ([0x80, 2, 0x7D, 0x71], .pickle), ([0x80, 4, 0x95, 1], .pickle),
    (zip("archive/data.pkl"), .pickle), (zip("alr.npy"), .numPyArchive),
    (zip("a.txt"), .zipArchive), ([0x50, 0x4B, 3, 4], .zipArchive),
    ([0x1F, 0x8B, 8], .compressed("gzip")), ([0x28, 0xB5, 0x2F, 0xFD], .compressed("zstd")),
    ([0x89, 0x50, 0x4E, 0x47, 13], .image("PNG")), ([0xFF, 0xD8, 0xFF, 0xE0], .image("JPEG")),
    (Array("%PDF-1.7".utf8), .pdf), ([0x7F, 0x45, 0x4C, 0x46], .program),
    (Array("{\n  \"schema\": \"alr-result/1\"".utf8), .ownJSON(schema: "alr-result/1")),
    (Array("{\"model_type\": 1}".utf8), .json), (Array("{ braces } in a text".utf8), .text),
    (Array("\"schema\": \"alr-result/1\"".utf8), .text), (Array("Hello é".utf8), .text),
    ([0x61, 0, 0x62], .binary), ([0xC3], .binary),
  ]

  @Test(arguments: cases)
  func tellsFilesByTheirBeginning(bytes: [UInt8], signature: FileSignature) throws {
    #expect(FileSignature(try folder.write(bytes, to: "file")) == signature)
    // Cut anywhere it is something, and nothing is read beyond.
    for length in bytes.indices { _ = bytes.prefix(length).withUnsafeBytes { FileSignature($0) } }
  }

  @Test func longTextsMayBeCutInACharacter() throws {
    for shift in 0..<4 {
      let text = String(repeating: "a", count: shift) + String(repeating: "文", count: 3000)
      #expect(FileSignature(try folder.write(text, to: "long.txt")) == .text)
    }
  }

  @Test func onlyRegularFilesAreLookedAt() throws {
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [pipe, folder.path, folder.path + "/none", "/dev/null"] {
      #expect(FileSignature(path) == nil)
    }
  }

  // MARK: As models

  private func problem(_ path: String) -> CheckpointProblem? {
    #expect(throws: CheckpointError.self) {
      try Checkpoint.open(path, cache: HuggingFaceCache(environment: ["HF_HUB_CACHE": "/none"]))
    }?.problem
  }

  /// As the blobs of caches are called.
  @Test func modelsAreReadWhateverTheyAreCalled() throws {
    for name in ["sha256-74701a8c", "model.bin", "model.safetensors", "weights.v2"] {
      let path = try folder.write(GGUFBuilder.sound.bytes, to: "gguf/\(name)")
      #expect(try Checkpoint.open(path).format == .gguf, "\(name)")
    }
    try folder.write("{}", to: "tensors/config.json")
    for name in ["0123abcd", "model.gguf", "pytorch_model.bin", "weights.v2"] {
      let path = try folder.write(SafetensorsBuilder.vectors(["a"]), to: "tensors/\(name)")
      let checkpoint = try Checkpoint.open(path)
      #expect(checkpoint.format == .safetensors && checkpoint.tensors.map(\.name) == ["a"])
    }
    #expect(try Checkpoint.open(folder.path + "/gguf/sha256-74701a8c").name == "sha256-74701a8c")
  }

  @Test func otherFilesAreNamed() throws {
    for (bytes, signature) in Self.cases {
      switch signature {
      case .gguf, .safetensors: continue
      case .gitLFSPointer, .pickle:
        let expected: CheckpointProblem = signature == .pickle ? .pickle : .gitLFSPointer
        for name in ["f", "f.gguf", "f.safetensors", "f.bin"] {
          #expect(problem(try folder.write(bytes, to: name)) == expected, "\(name)")
        }
      case .binary: #expect(problem(try folder.write(bytes, to: "f")) == .unknownFormat)
      case .empty, .text, .json:
        #expect(problem(try folder.write(bytes, to: "f")) == .notAModel(signature))
      default:
        for name in ["f", "f.gguf", "f.safetensors", "f.bin"] {
          #expect(problem(try folder.write(bytes, to: name)) == .notAModel(signature), "\(name)")
        }
      }
    }
    let page = try folder.write("<html>404</html>", to: "m.gguf")
    #expect(
      problem(page)?.description
        == "a web page, not a model: the download went wrong, fetch the file itself")
    #expect(problem(try folder.write("{}", to: "config.json")) == .configuration)
    #expect(problem("https://huggingface.co/org/tiny") == .webAddress)
  }

  @Test(arguments: [
    (["a/x"], ", but other files such as a"), ([".hidden"], ", which is empty"),
    (["b.txt", "c.md"], ", but texts such as b.txt"),
    (["config.json", "tf_model.h5"], ", but weights of TensorFlow such as tf_model.h5"),
    (["model.onnx"], ", but weights of ONNX such as model.onnx"),
  ])
  func foldersWithoutModelSayWhatTheyHold(names: [String], words: String) throws {
    for name in names { try folder.write("x", to: "f/\(name)") }
    let found = try #require(problem(folder.path + "/f"))
    #expect(
      found.description
        == "no model in this folder\(words): expected model.safetensors,"
        + " model.safetensors.index.json or a .gguf file")
  }

  @Test func theCacheItselfIsNoModel() throws {
    try folder.write("x", to: "hub/models--org--tiny/refs/main")
    for path in ["/hub", ""] {
      #expect(
        problem(folder.path + path)?.description
          == "the Hugging Face cache: name a model in it as org/name, such as org/tiny")
    }
  }
}
