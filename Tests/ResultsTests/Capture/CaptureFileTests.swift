import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Results

/// Captures as files: back as they were, and refused where they break a rule.
@Suite struct CaptureFileTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  private func path(_ format: CaptureFormat) -> String {
    "\(temporary.path)/capture.\(format.rawValue)"
  }

  @Test(arguments: CaptureFormat.allCases, [false, true])
  func readsBackWhatWasWritten(_ format: CaptureFormat, isSparse: Bool) throws {
    let capture = SyntheticCapture.make(tokens: 7, isSparse: isSparse)
    try temporary.write(try format.encode(capture), to: "capture.\(format.rawValue)")
    #expect(try PromptCapture.read(path(format)) == capture)
  }

  /// Changes the text of a safetensors file in place: the replacement is as long.
  private func problem(_ old: String, _ new: String) throws -> String {
    precondition(old.utf8.count == new.utf8.count)
    let bytes = try CaptureFormat.safetensors.encode(SyntheticCapture.make(tokens: 7))
    var data = Data(bytes)
    func escaped(_ text: String) -> Data {
      Data(text.replacingOccurrences(of: "\"", with: "\\\"").utf8)
    }
    let range = try #require(data.range(of: escaped(old)))
    data.replaceSubrange(range, with: escaped(new))
    try temporary.write(data, to: "capture.safetensors")
    do {
      _ = try PromptCapture.read(path(.safetensors))
      return "read"
    } catch {
      return "\(error.problem)"
    }
  }

  @Test func refusesTextsThatBreakARule() throws {
    #expect(
      try problem("alr-capture/1", "alr-capture/2")
        == "schema is \"alr-capture/2\", not \"alr-capture/1\"")
    #expect(try problem("\"heads\":[0,1,2,3]", "\"heads\":[0,1,3,2]").contains("heads[3]"))
    #expect(try problem("\"heads\":[0,1,2,3]", "\"heads\":[0,1,2,4]").contains("below 4"))
    #expect(try problem("\"heads\":[0,1,2,3]", "\"heads\":[0,1,2]  ").contains("shape"))
    #expect(try problem("\"kv_heads\":[0,1]", "\"kv_heads\":[0,2]").contains("kv_heads"))
    #expect(try problem("\"layer\":2,", "\"layer\":3,").contains("layers[1].layer"))
    #expect(try problem("\"layer\":2,", "\"layer\":0,").contains("after the layer"))
    #expect(try problem("\"id\":3,", "\"id\":x,").contains("JSON"))
    #expect(try problem("\"norms\"", "\"norm \"").contains("parts[1]"))
    #expect(try problem("\"head_dim\":8", "\"head_dim\":9").contains("shape"))
  }

  @Test func refusesNumbersThatCannotBe() throws {
    var capture = SyntheticCapture.make(tokens: 3)
    capture.arrays = CaptureArrays(
      keyNorms: NumberArray(shape: [2, 2, 3], values: Array(repeating: -1, count: 12)))
    try temporary.write(try CaptureFormat.npz.encode(capture), to: "capture.npz")
    #expect(throws: ResultsFolderError.self) { try PromptCapture.read(path(.npz)) }
    capture = SyntheticCapture.make(tokens: 3, isSparse: true)
    guard case .sparse(var sparse) = capture.arrays.attention else {
      Issue.record("no sparse attention")
      return
    }
    let sound = sparse.positions.values
    for broken in [sound.map { $0 + 1 }, sound.map { -1 - $0 }] {
      sparse.positions = NumberArray(shape: [24], values: broken)
      capture.arrays.attention = .sparse(sparse)
      try temporary.write(try CaptureFormat.npz.encode(capture), to: "capture.npz")
      #expect(throws: ResultsFolderError.self) { try PromptCapture.read(path(.npz)) }
    }
    // The second row takes the third's entry, as that query could; then the third ends before it
    // begins.
    var shared = sound
    (shared[1], shared[2]) = (0, 1)
    for (change, row) in [(1 << 62, 3), (3, 2), (-1, 0)] {
      sparse.positions = NumberArray(shape: [24], values: row == 2 ? shared : sound)
      var offsets = sparse.offsets.values
      offsets[row] = Int64(change)
      if row == 2 { offsets[3] = 2 }
      capture.arrays.attention = .sparse(
        SparseAttention(
          threshold: sparse.threshold, offsets: NumberArray(shape: [25], values: offsets),
          positions: sparse.positions, scores: sparse.scores))
      try temporary.write(try CaptureFormat.npz.encode(capture), to: "capture.npz")
      #expect(
        throws: ResultsFolderError(
          path: path(.npz),
          problem: .inconsistent(
            field: "attention_offsets", expected: "ascending from 0 to 24"))
      ) { try PromptCapture.read(path(.npz)) }
    }
    #expect(throws: ResultsFolderError.self) { try PromptCapture.read("nowhere.npz") }
  }

  @Test func bytesSurviveAsText() {
    let all = (0...255).map { UInt8($0) } + Array("語 é \\n".utf8) + [0xF0, 0x9F]
    #expect(ByteText.bytes(ByteText.escaped(all)) == all)
    #expect(ByteText.escaped([0xE2, 0x80, 0x41, 0x0A]) == "\\xE2\\x80A\\n")
    #expect(ByteText.bytes("\\q") == nil && ByteText.bytes("\\x4") == nil)
    #expect(CapturedToken(id: 0, piece: "", bytes: Array("  ".utf8)).label == "'  '")
    #expect(CapturedToken(id: 0, piece: "", bytes: Array(" a".utf8)).label == "a")
  }

  @Test func sparsityOfKnownVectors() throws {
    let peak = try #require(KeySparsity([0, 0, 3, 0]))
    #expect(peak.hoyer == 1 && peak.topEnergy == 1 && peak.norm == 3)
    let mixed = try #require(KeySparsity([3, -4]))
    #expect(abs(mixed.hoyer - (2.0.squareRoot() - 1.4) / (2.0.squareRoot() - 1)) < 1e-12)
    #expect(abs(mixed.topEnergy - 0.64) < 1e-12 && abs(mixed.topMass - 4.0 / 7) < 1e-12)
    #expect(mixed.kurtosis == 1)
    #expect(KeySparsity([0, 0]) == nil && KeySparsity([1]) == nil)
  }
}
