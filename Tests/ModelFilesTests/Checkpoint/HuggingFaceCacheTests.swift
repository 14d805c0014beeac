import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// Models in the local Hugging Face cache: where it is, and which snapshot is meant.
@Suite struct HuggingFaceCacheTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func writeCache(revisions: [String], main: String?) throws -> HuggingFaceCache {
    for revision in revisions {
      let snapshot = "hub/models--org--tiny/snapshots/\(revision)"
      try folder.write(SafetensorsBuilder.vectors([revision]), to: "\(snapshot)/blob")
      try folder.write("{}", to: "\(snapshot)/config.json")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/\(snapshot)/model.safetensors", withDestinationPath: "blob")
    }
    if let main { try folder.write(main, to: "hub/models--org--tiny/refs/main") }
    return HuggingFaceCache(environment: ["HF_HOME": folder.path])
  }

  @Test func findsRepositoryInCache() throws {
    let cache = try writeCache(revisions: ["old", "new"], main: "new\n")
    let checkpoint = try Checkpoint.open("org/tiny", cache: cache)
    #expect(checkpoint.name == "tiny" && checkpoint.tensors.map(\.name) == ["new"])
  }

  @Test func takesTheOnlySnapshot() throws {
    let cache = try writeCache(revisions: ["old"], main: nil)
    #expect(try Checkpoint.open("org/tiny", cache: cache).tensors.map(\.name) == ["old"])
  }

  /// A tokenizer is often there without weights.
  @Test func findsFolders() throws {
    let cache = try writeCache(revisions: ["old"], main: nil)
    #expect(
      Checkpoint.folder("org/tiny", cache: cache)
        == folder.path + "/hub/models--org--tiny/snapshots/old")
    #expect(Checkpoint.folder(folder.path, cache: cache) == folder.path)
    for path in ["org/none", "none", folder.path + "/hub/models--org--tiny/refs"] {
      #expect(Checkpoint.folder(path, cache: cache) == nil)
    }
  }

  /// What was once loaded as `gpt2` lies under that name.
  @Test func findsRepositoryWithoutOrganisation() throws {
    let snapshot = "hub/models--tiny/snapshots/0"
    try folder.write(SafetensorsBuilder.vectors(["a"]), to: "\(snapshot)/model.safetensors")
    try folder.write("{}", to: "\(snapshot)/config.json")
    let cache = HuggingFaceCache(environment: ["HF_HOME": folder.path])
    #expect(try Checkpoint.open("tiny", cache: cache).name == "tiny")
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint.open("tinier", cache: cache)
    }
    #expect(error?.description == "tinier: no such file")
  }

  @Test(arguments: [nil, "gone", "../../../..", ""])
  func refusesCacheWithoutSnapshot(main: String?) throws {
    let cache = try writeCache(revisions: ["a", "b"], main: main)
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint.open("org/tiny", cache: cache)
    }
    #expect(
      error?.problem.description
        == "the Hugging Face cache holds 2 snapshots of \"org/tiny\", and refs/main names none of"
        + " them; choose one: org/tiny@a, org/tiny@b")
    #expect(error?.isMissingInput == true)
  }

  @Test func refusesCacheOfNoSnapshot() throws {
    try folder.write("x", to: "hub/models--org--tiny/refs/main")
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint.open(
        "org/tiny", cache: HuggingFaceCache(environment: ["HF_HOME": folder.path]))
    }
    #expect(error?.problem == .cacheWithoutSnapshot(repository: "org/tiny"))
  }

  @Test func takesTheSnapshotThatIsNamed() throws {
    let cache = try writeCache(revisions: ["0123abcd", "0129ffff", "0123"], main: "0129ffff")
    try folder.write("0123abcd\n", to: "hub/models--org--tiny/refs/v1.0")
    try folder.write("0123", to: "hub/models--org--tiny/refs/refs/pr/1")
    for (revision, name) in [
      ("", "0129ffff"), ("@main", "0129ffff"), ("@v1.0", "0123abcd"), ("@refs/pr/1", "0123"),
      ("@0123abcd", "0123abcd"), ("@0129", "0129ffff"), ("@0123a", "0123abcd"), ("@0123", "0123"),
    ] {
      let checkpoint = try Checkpoint.open("org/tiny" + revision, cache: cache)
      #expect(checkpoint.tensors.map(\.name) == [name], "\(revision)")
      #expect(checkpoint.name == "tiny")
    }
    for (revision, words) in [
      ("v2", "holds no snapshot \"v2\" of \"org/tiny\"; there is org/tiny@0123, org/tiny@0123abcd"),
      ("012", "holds no snapshot \"012\" of"),
    ] {
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint.open("org/tiny@" + revision, cache: cache)
      }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    // Nothing leads out of the cache.
    for path in ["org/tiny@../../../x", "org/tiny@/etc", "org/tiny@a/../b", "org/tiny@"] {
      let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(path, cache: cache) }
      #expect(error?.description == "\(path): no such file")
    }
  }

  /// A tokenizer that was fetched alone leaves a snapshot without weights.
  @Test func takesTheOnlySnapshotWithAModel() throws {
    let cache = try writeCache(revisions: ["whole"], main: nil)
    try folder.write("{}", to: "hub/models--org--tiny/snapshots/part/tokenizer.json")
    #expect(try Checkpoint.open("org/tiny", cache: cache).tensors.map(\.name) == ["whole"])
  }

  @Test func takesTheCachesOwnFolderOfARepository() throws {
    let cache = try writeCache(revisions: ["old", "new"], main: "new")
    let path = folder.path + "/hub/models--org--tiny"
    #expect(try Checkpoint.open(path, cache: cache).tensors.map(\.name) == ["new"])
    #expect(Checkpoint.folder(path, cache: cache) == path + "/snapshots/new")
  }

  @Test(arguments: [
    (["HF_HUB_CACHE": "/x", "HF_HOME": "/y"], "/x"), (["HF_HOME": "/y"], "/y/hub"),
    (["HUGGINGFACE_HUB_CACHE": "/w", "HF_HOME": "/y"], "/w"),
    (["HF_HUB_CACHE": "/x", "HUGGINGFACE_HUB_CACHE": "/w"], "/x"),
    (["XDG_CACHE_HOME": "/z"], "/z/huggingface/hub"),
    (["HF_HUB_CACHE": "", "HF_HOME": "/y"], "/y/hub"),
    (["HOME": "/h"], "/h/.cache/huggingface/hub"), (["HOME": "/h", "HF_HOME": "~/y"], "/h/y/hub"),
    (["HOME": "/h", "HF_HUB_CACHE": "~/x"], "/h/x"),
    (["HOME": "/h", "XDG_CACHE_HOME": "~/z"], "/h/z/huggingface/hub"),
    (["DATA": "/d", "HF_HOME": "$DATA/hf"], "/d/hf/hub"),
    (["DATA": "/d", "HF_HUB_CACHE": "${DATA}/x"], "/d/x"),
    (["HOME": "/h", "HF_HOME": "./~"], "./~/hub"),
  ])
  func cacheIsWhereTheEnvironmentSays(environment: [String: String], root: String) {
    #expect(HuggingFaceCache(environment: environment).root.description == root)
  }
}
