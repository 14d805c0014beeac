import TestSupport
import Testing

@testable import Results

/// Plans as files, for a model of two KV heads.
struct CompressionPlanTests {
  private static let layers = """
    [{"layer": 0, "keep_ratio": 1}, {"layer": 1, "keep_ratio": 0.5,
      "kv_heads": [{"kv_head": 0, "keep_ratio": 0.25}, {"kv_head": 1, "keep_ratio": 1}]}]
    """

  private func read(_ kind: String, _ layers: String = layers) throws -> CompressionPlan {
    let temporary = try TemporaryFolder()
    let path = try temporary.write(
      """
      {"schema": "alr-plan/1", "tool": "t", "model": {"name": "M", "fingerprint": "f"},
       "score": "key-norm", "kind": "\(kind)", "layers": \(layers)}
      """, to: "plan.json")
    return try CompressionPlan(contentsOf: path, kvHeads: 2)
  }

  @Test(arguments: [
    ("skip", [[1, 1], [0.5, 0.5]]), ("layer-ratios", [[1, 1], [0.5, 0.5]]),
    ("head-budgets", [[1, 1], [0.25, 1]]),
  ])
  func sharesFollowTheKind(kind: String, ratios: [[Double]]) throws {
    let plan = try read(kind)
    #expect(plan.kind.rawValue == kind && plan.keepRatios == ratios)
    #expect(plan.modelName == "M" && plan.modelFingerprint == "f" && plan.score == "key-norm")
    #expect(plan.skippedLayers == [0])
  }

  @Test func fingerprintsAreOfWhatStays() throws {
    let plan = try read("skip")
    // Of `{"score":"key-norm","keep_ratios":[[1.0,1.0],[0.5,0.5]]}`, by sha256sum.
    #expect(
      plan.fingerprint
        == "6b042a2b63b50fd3d63c2f8dc618eb1c5dd74daf394ed48ac358aa40510cbfed")
    #expect(try read("layer-ratios").fingerprint == plan.fingerprint)
    #expect(try read("head-budgets").fingerprint != plan.fingerprint)
  }

  @Test(arguments: [
    ("both", layers, "'kind' is not one of skip, layer-ratios, head-budgets"),
    ("skip", "{}", "'layers' is not an array"),
    ("skip", "[{\"layer\": 1, \"keep_ratio\": 1}]", "'layers[0].layer' should be 0"),
    ("skip", "[{\"layer\": 0}]", "'layers[0].keep_ratio' is missing"),
    ("skip", "[{\"layer\": 0, \"keep_ratio\": 0}]", "'layers[0].keep_ratio' is not above 0 and"),
    ("skip", "[{\"layer\": 0, \"keep_ratio\": 1.5}]", "'layers[0].keep_ratio' is not above 0 and"),
    ("skip", "[{\"layer\": 0, \"keep_ratio\": null}]", "'layers[0].keep_ratio' is not above 0 and"),
    ("skip", "[{\"layer\": 0, \"keep_ratio\": 1e999}]", "'layers[0].keep_ratio' is not"),
    (
      "head-budgets",
      "[{\"layer\": 0, \"keep_ratio\": 1, \"kv_heads\": [{\"kv_head\": 0, \"keep_ratio\": 1}]}]",
      "'layers[0].kv_heads' should be 1 x 2 rows, not 1"
    ),
    (
      "head-budgets",
      "[{\"layer\": 0, \"keep_ratio\": 1, \"kv_heads\": [{\"kv_head\": 0, \"keep_ratio\": 2}, {}]}]",
      "'layers[0].kv_heads[0].keep_ratio' is not above 0 and at most 1"
    ),
    (
      "head-budgets",
      "[{\"layer\": 0, \"keep_ratio\": 1, \"kv_heads\": [{\"kv_head\": 1, \"keep_ratio\": 1}, {}]}]",
      "'layers[0].kv_heads[0].kv_head' should be 0"
    ),
  ])
  func brokenPlansSayWhere(kind: String, layers: String, message: String) {
    let error = #expect(throws: ResultsFolderError.self) { try read(kind, layers) }
    #expect(
      error?.problem.description.contains(message) == true, "\(error?.problem.description ?? "")")
  }

  @Test func otherFilesAreNoPlans() throws {
    let temporary = try TemporaryFolder()
    for (text, problem) in [
      ("[]", ResultsFolderProblem.wrongType(field: "plan", expected: "an object")),
      ("{}", .missingField("schema")),
      (
        "{\"schema\": \"alr-result/1\"}",
        .wrongSchema("\"alr-result/1\"", expected: "alr-plan/1")
      ),
    ] {
      let path = try temporary.write(text, to: "plan.json")
      let error = #expect(throws: ResultsFolderError.self) {
        try CompressionPlan(contentsOf: path, kvHeads: 2)
      }
      #expect(error?.problem == problem)
    }
    let error = #expect(throws: ResultsFolderError.self) {
      try CompressionPlan(contentsOf: temporary.path + "/none", kvHeads: 2)
    }
    #expect(error?.problem.isMissingInput == true)
  }
}
