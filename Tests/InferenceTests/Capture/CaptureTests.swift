import AttentionAnalysis
import ModelFiles
import Results
import TestSupport
import Testing

@testable import Inference

/// Captures against transformers' attention and key norms, and against one another.
struct CaptureTests {
  /// Grouped heads, a window, a stretched rotation, soft caps, no rotation at all.
  static let models = [
    "gqa-tied", "architectures/mistral", "architectures/llama-yarn", "architectures/gemma2",
    "architectures/gpt2", "architectures/qwen3",
  ]

  private func capture(
    _ name: String, layers: [Int]? = nil, heads: [Int]? = nil,
    parts: Set<CapturePart> = Set(CapturePart.allCases), threshold: Double? = nil, threads: Int = 2
  ) throws -> (PromptCapture, ReferenceDump) {
    let model = try Model(Checkpoint.open(ReferenceDump.path(name)))
    let reference = try ReferenceDump(ReferenceDump.path("\(name)/reference.safetensors"))
    let spec = model.spec
    let pass = ForwardPass(
      model: model, kernels: Kernels(), precision: .f32,
      pool: WorkerPool(count: threads))
    let request = CaptureRequest(
      layers: layers ?? Array(0..<spec.layerCount), heads: heads ?? Array(0..<spec.headCount),
      parts: parts, threshold: threshold)
    let capture = try PromptCapture.run(
      request, with: pass,
      tokens: reference.tokens.map { CapturedToken(id: Int($0), piece: "", bytes: []) },
      hasAddedBOS: false, tool: "",
      model: ModelSummary(
        name: "", architecture: spec.name, layers: spec.layerCount, heads: spec.headCount,
        kvHeads: spec.kvHeadCount, headDim: spec.headDim, parameters: 0, fingerprint: ""))
    return (capture, reference)
  }

  @Test(arguments: models) func agreesWithTransformers(_ name: String) throws {
    let (capture, reference) = try capture(name)
    let n = reference.tokens.count
    let norms = try #require(capture.arrays.keyNorms)
    var normDifference = WorstDifference<Double>()
    normDifference.add(norms.values, reference.keyNorms) { max(1, $0) }
    #expect(normDifference.worst < 1e-5)
    let rowCount = reference.attentionRows.count
    for layer in capture.layers.indices {
      for head in capture.heads.indices {
        for (index, query) in reference.attentionRows.enumerated() {
          let row = try #require(capture.attentionRow(layer: layer, head: head, query: query))
          let map = layer * capture.heads.count + head
          let start = (map * rowCount + index) * n
          // The query's own position included, and what lies outside a window as zero.
          let expected = reference.attention[start...start + query]
          var difference = WorstDifference<Float>()
          difference.add(row, expected)
          #expect(difference.worst < 1e-5)
        }
      }
    }
  }

  /// Attention follows from the captured queries and keys: so they are the right ones.
  @Test(arguments: models) func vectorsExplainAttention(_ name: String) throws {
    let (capture, _) = try capture(name)
    for layer in capture.layers.indices {
      for head in capture.heads.indices {
        let effect = try #require(PeakDimensions(capture, layer: layer, head: head))
        for (query, row) in effect.before.enumerated() {
          let expected = try #require(
            capture.attentionRow(layer: layer, head: head, query: query))
          var difference = WorstDifference<Float>()
          difference.add(row, expected)
          #expect(difference.worst < 1e-5)
          if query < effect.step { #expect(effect.withoutPeaks[query] == row) }
        }
        #expect(effect.moved(to: effect.withoutPeaks) > 0)
        #expect(effect.moved(to: effect.before) == 0)
      }
    }
    let keys = try #require(capture.arrays.rotatedKeys)
    let norms = try #require(capture.arrays.keyNorms)
    for (index, norm) in norms.values.enumerated() {
      let size = capture.model.headDim
      let key = keys.values[index * size..<(index + 1) * size]
      let length = key.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(length - norm) < 1e-5 * max(1, norm))
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    let one = try CaptureFormat.npz.encode(capture("gqa-tied", threads: 1).0)
    #expect(try CaptureFormat.npz.encode(capture("gqa-tied", threads: 3).0) == one)
    let sparse = try CaptureFormat.npz.encode(
      capture("gqa-tied", threshold: 0.05, threads: 1).0)
    #expect(
      try CaptureFormat.npz.encode(capture("gqa-tied", threshold: 0.05, threads: 3).0) == sparse)
  }

  @Test func sparseRowsAreTheLargeScores() throws {
    let (dense, _) = try capture("architectures/mistral")
    let (sparse, _) = try capture("architectures/mistral", threshold: 0.08)
    var kept = 0
    for layer in dense.layers.indices {
      for head in dense.heads.indices {
        for query in dense.tokens.indices {
          let row = try #require(dense.attentionRow(layer: layer, head: head, query: query))
          let expected = row.map { $0 > 0.08 ? $0 : 0 }
          #expect(sparse.attentionRow(layer: layer, head: head, query: query) == expected)
          kept += expected.filter { $0 > 0 }.count
        }
      }
    }
    guard case .sparse(let rows) = sparse.arrays.attention else {
      Issue.record("not sparse")
      return
    }
    #expect(rows.scores.values.count == kept && kept > 0)
  }

  /// Fewer layers, heads and parts are the same numbers, also where the pass computes no queries.
  @Test func chosenOnesAreSlices() throws {
    let (whole, _) = try capture("gqa-tied")
    let last = whole.layers.count - 1
    let head = whole.heads.count - 1
    let (part, _) = try capture(
      "gqa-tied", layers: [last], heads: [head], parts: [.keyNorms, .keys, .values])
    #expect(part.parts == [.keyNorms, .keys, .values] && part.kvHeads == [head / whole.groupSize])
    #expect(
      part.keyNorms(layer: 0, head: 0) == whole.keyNorms(layer: last, head: head))
    for position in whole.tokens.indices {
      #expect(
        part.key(layer: 0, head: 0, position: position)
          == whole.key(layer: last, head: head, position: position))
    }
    let count = part.arrays.values?.values.count ?? 0
    #expect(part.arrays.values?.values == whole.arrays.values?.values.suffix(count).map { $0 })
    let (first, _) = try capture("gqa-tied", layers: [0], heads: [0, 1])
    #expect(
      first.attentionRow(layer: 0, head: 1, query: 5)
        == whole.attentionRow(layer: 0, head: 1, query: 5))
  }
}
