import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// Thousands of spoilt files: each is either refused in one line or read whole, never a trap.
@Suite struct MutationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Opens what was written to `path` and touches everything that it offers.
  private func open(_ path: String) -> Bool {
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint.open(path)
      for tensor in checkpoint.tensors {
        #expect(checkpoint.tensors[tensor.name] == tensor)
        checkpoint.withBytes(of: tensor) { bytes in
          #expect(bytes.count == tensor.byteCount)
          _ = (bytes.first, bytes.last)
        }
      }
      if let metadata = checkpoint.gguf { read(metadata) }
      #expect(checkpoint.fingerprint().count == 64)
      return true
    } catch {
      #expect(!error.description.isEmpty)
      #expect(
        !error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
      return false
    }
  }

  private func read(_ metadata: GGUFMetadata) {
    for key in metadata.keys {
      #expect(metadata.type(of: key) != nil)
      _ = (metadata.string(key), metadata.unsigned(key), metadata.float(key), metadata.bool(key))
      _ = (metadata.integers(key), metadata.floats(key), metadata.bools(key))
      if let strings = metadata.strings(key) { #expect(Array(strings).count == strings.count) }
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func safetensorsNeverTraps(seed: UInt64) throws {
    let members = [
      "\"__metadata__\":{\"format\":\"pt\"}", SafetensorsBuilder.tensor("model.a"),
      SafetensorsBuilder.tensor("model.b", "BF16", shape: "[2,3]", at: "[8,20]"),
      SafetensorsBuilder.tensor("model.c", "U8", shape: "[0]", at: "[20,20]"),
    ]
    let sound = SafetensorsBuilder.file("{\(members.joined(separator: ","))}", data: 20)
    try folder.write("{}", to: "config.json")
    // With the length made right again, more of them get as far as the fields.
    try expectMixedOutcome(sound, seed: seed, file: "model.safetensors") { bytes in
      guard bytes.count >= 28 else { return bytes }
      return littleEndian(UInt64(bytes.count - 28)) + bytes.dropFirst(8)
    }
  }

  @Test(arguments: [3, 4] as [UInt64])
  func ggufNeverTraps(seed: UInt64) throws {
    var builder = GGUFBuilder.sound
    builder.set("general.alignment", UInt32(32))
    builder.pair("nested", 9, GGUFBuilder.array(9, 1, GGUFBuilder.array(7, 2, [0, 1])))
    builder.tensor("blk.1.ffn_up.weight", [32, 2], type: 2, bytes: 36)
    try expectMixedOutcome(builder.bytes, seed: seed, file: "model.gguf")
  }

  /// Both outcomes must occur: a mutator that only makes rubbish tests only the first check.
  private func expectMixedOutcome(
    _ sound: [UInt8], seed: UInt64, file: String, repair: ([UInt8]) -> [UInt8] = { $0 }
  ) throws {
    let path = folder.path + "/" + file
    var mutator = Mutator(seed: seed)
    var opened = 0
    for round in 0..<800 {
      let mutant = mutator.mutate(sound)
      try folder.write(round % 2 == 0 ? mutant : repair(mutant), to: file)
      if open(path) { opened += 1 }
    }
    try folder.write(sound, to: file)
    #expect(open(path))
    #expect((20...700).contains(opened), "\(opened) of 800 opened")
  }

  @Test func everyPrefixIsRefused() throws {
    let path = folder.path + "/model.gguf"
    let sound = GGUFBuilder.sound.bytes
    // The last 24 bytes are padding behind the last tensor.
    for length in stride(from: 0, to: sound.count - 24, by: 5) {
      try folder.write(Array(sound[..<length]), to: "model.gguf")
      #expect(!open(path), "\(length) bytes")
    }
  }

  @Test(arguments: [5] as [UInt64])
  func archivesNeverTrap(seed: UInt64) throws {
    let url = try #require(
      Bundle.module.url(forResource: "numpy", withExtension: "npz", subdirectory: "Fixtures"))
    let sound = [UInt8](try Data(contentsOf: url))
    var mutator = Mutator(seed: seed)
    var outcomes = (read: 0, refused: 0)
    for _ in 0..<600 {
      let path = try folder.write(mutator.mutate(sound), to: "arrays.npz")
      do throws(NPZError) {
        let archive = try NPZReader(path)
        for name in archive.names { _ = try archive.array(name) }
        outcomes.read += 1
      } catch {
        #expect(error.description.hasPrefix(path))
        outcomes.refused += 1
      }
    }
    #expect(outcomes.read > 20 && outcomes.refused > 300, "\(outcomes)")
  }
}
