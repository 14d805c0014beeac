import Foundation
import Inference
import TestSupport
import Testing
import Tokenization

@testable import Compression

/// The example of `docs/library.md`: as it stands there, and that it does what it says.
struct LibraryExampleTests {
  private static let prompt = "The key norm of a position says how much attention it gets."
  private static let model = Repository.root.appendingPathComponent("notebooks-data/sample").path

  @Test func theDocumentShowsTheSourceThatIsCompiled() throws {
    let source = try String(
      contentsOf: Repository.root.appendingPathComponent(
        "Tests/CompressionTests/LibraryExample.swift"), encoding: .utf8)
    let document = try String(
      contentsOf: Repository.root.appendingPathComponent("docs/library.md"), encoding: .utf8)
    let blocks = document.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    #expect(blocks.contains(source), "docs/library.md shows another example")
    #expect(!source.contains("@testable"))
  }

  @Test func generatesWithItsOwnPolicy() throws {
    let half = try answer(to: Self.prompt, model: Self.model, keepRatio: 0.3)
    #expect(!half.isEmpty)
    // Where all stays, a policy makes no difference.
    let pass = try SampleModel.pass()
    let whole = try answer(to: Self.prompt, model: Self.model, keepRatio: 1)
    let tokenizer = try Tokenizer.load(directory: Self.model)
    let ids = try Decoding(
      prompt: tokenizer.encodeWithSpecialTokens(Self.prompt), rules: [.none()], newTokens: 12,
      pass: pass, workspace: PassWorkspace(for: pass)
    ).finish(limit: 12, ends: [1])
    #expect(tokenizer.decode(ids[0], skippingSpecialTokens: true) == whole)
    #expect(whole != half)
  }

  @Test func positionsOfTheExampleAreEvenlySpaced() {
    let norms = [Double](repeating: 1, count: 10)
    let slots = (0..<10).map(UInt32.init).withUnsafeBufferPointer { positions in
      norms.withUnsafeBufferPointer { norms in
        EvenlySpaced(PolicyOptions()).slots(
          of: KVHeadView(
            sequence: 0, layer: 0, kvHead: 0, window: nil, positions: positions, keyNorms: norms),
          count: 4, tokens: [])
      }
    }
    #expect(slots == [0, 2, 5, 7])
  }
}
