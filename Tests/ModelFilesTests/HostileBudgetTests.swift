import TestSupport
import Testing

@testable import ModelFiles

/// Bad checkpoints cost little to refuse, each with its exact words elsewhere; some are accepted
/// but declare far more than they hold.
@Suite struct HostileBudgetTests {
  private static let cases: [HostileBudget.Case] = {
    let gguf =
      GGUFHostileTests.headers + GGUFHostileTests.metadata + GGUFHostileTests.tensors
      + GGUFHostileTests.contradictions
    let safetensors =
      SafetensorsHostileTests.headers + SafetensorsHostileTests.fields
      + SafetensorsHostileTests.layouts
    let keys = "{" + (0..<(1 << 19)).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    return gguf.map { HostileBudget.Case($0.testDescription, [("model.gguf", $0.bytes)]) }
      + safetensors.map {
        HostileBudget.Case($0.testDescription, [("model.safetensors", $0.bytes)])
      }
      + [
        HostileBudget.Case(
          "half a million keys",
          [("model.safetensors", SafetensorsBuilder.file(keys, data: 0))], isBulky: true)
      ]
  }()

  @Test func thereAreManyNamedFiles() {
    #expect(Self.cases.count >= 100, "\(Self.cases.count) bad files")
    #expect(Set(Self.cases.map(\.name)).count > Self.cases.count - 10)
  }

  @Test func noneTakesASecondOrMuchMemory() async {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      try HostileBudget.check(Self.cases) { _ = try? Checkpoint.open($0) }
    }
    let told = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(told == "")
  }
}
