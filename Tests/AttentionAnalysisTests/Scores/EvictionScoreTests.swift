import Foundation
import Inference
import TestSupport
import Testing

@testable import AttentionAnalysis

@Suite struct EvictionScoreTests {
  @Test func everyFileOfTheFolderIsRegistered() throws {
    let files = try Repository.sourceFiles(in: "AttentionAnalysis/Scores")
    let types = EvictionScores.all.map { "\(type(of: $0))" }
    #expect(files.subtracting(["EvictionScore"]) == Set(types))
    let names = EvictionScores.all.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names { #expect(EvictionScores.named(name)?.name == name) }
    #expect(EvictionScores.named("unheard") == nil)
  }

  @Test func keyNormKeepsTheShortest() {
    let norms = [3.0, 1, 4, 1, 5]
    let order = KVHeadView.withNorms(norms) { view in
      var scores = [Double](repeating: 0, count: 5)
      scores.withUnsafeMutableBufferPointer { KeyNorm().score(view, into: $0) }
      return DropOrder(scores: scores).asInts
    }
    #expect(order == Oracle.dropOrder(norms))
  }
}
