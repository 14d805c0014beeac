import Inference
import ModelFiles
import Testing

/// What a pass promises whatever the model is.
struct ForwardPassTests {
  private func model(_ name: String = "gqa-tied") throws -> Model {
    try Model(Checkpoint.open(ReferenceDump.path(name)))
  }

  private func pass(
    _ model: Model, threads: Int, precision: Precision = .f32
  ) throws -> ForwardPass {
    ForwardPass(
      model: model, kernels: Kernels(), precision: precision,
      pool: WorkerPool(count: threads))
  }

  private func chunks(_ count: Int, length: Int) -> [[Int32]] {
    (0..<count).map { chunk in (0..<length).map { Int32(($0 * 7 + chunk * 31) % 96) } }
  }

  /// Models that go through different parts of a pass.
  static let models =
    ["gqa-tied"]
    + [
      "gemma3", "gpt2", "granite", "olmo2", "phi", "qwen3_moe-mixed", "stablelm-parallel",
    ].map { "architectures/\($0)" }

  @Test(arguments: Precision.allCases, models)
  func bytesDoNotDependOnThreadsOrBatches(precision: Precision, name: String) throws {
    let model = try model(name)
    let tokens = chunks(5, length: 61)
    func record(threads: Int, batch: Int) throws -> [CollectingRecorder.Key: [Float]] {
      let recorder = CollectingRecorder(
        queryPositions: [3, 17, 60], headsPerGroup: model.spec.groupSize)
      for first in stride(from: 0, to: tokens.count, by: batch) {
        let part = Array(tokens[first..<min(first + batch, tokens.count)])
        _ = try pass(model, threads: threads, precision: precision)
          .read(part, first: first, recorder: recorder)
      }
      return recorder.rows
    }
    let expected = try record(threads: 1, batch: 5)
    #expect(expected.count == 5 * model.spec.layerCount * model.spec.headCount * 3)
    #expect(try record(threads: 2, batch: 1) == expected)
    #expect(try record(threads: 3, batch: 2) == expected)
  }

  /// A row does not see what comes after it, and the last layer computes only what is asked for.
  @Test func rowsDoNotDependOnWhatElseIsRecorded() throws {
    let model = try model()
    let tokens = chunks(2, length: 50)
    func rows(_ positions: [Int], logits: LogitRows? = nil) throws -> [[Float]] {
      let recorder = CollectingRecorder(
        queryPositions: positions, headsPerGroup: model.spec.groupSize)
      _ = try pass(model, threads: 2)
        .read(tokens, recorder: recorder, logits: logits)
      return try (0..<2).map {
        try #require(recorder.rows[.init(chunk: $0, layer: 2, head: 3, position: 49)])
      }
    }
    let alone = try rows([49])
    #expect(try rows(Array(0..<50)) == alone)
    #expect(try rows([7, 49], logits: .all) == alone)
  }

  @Test(arguments: models)
  func lastLogitsAreThoseOfTheLastPosition(_ name: String) throws {
    let model = try model(name)
    let tokens = chunks(2, length: 20)
    let pass = try pass(model, threads: 2)
    let all = try #require(try pass.read(tokens, logits: .all))
    let last = try #require(try pass.read(tokens, logits: .last))
    let vocabulary = model.spec.vocabularySize
    #expect(last.count == 2 * vocabulary)
    for chunk in 0..<2 {
      let row = (chunk * 20 + 19) * vocabulary
      #expect(
        Array(all[row..<row + vocabulary])
          == Array(last[chunk * vocabulary..<(chunk + 1) * vocabulary]))
    }
  }

  @Test func stopsWhereProgressSaysSo() throws {
    var layers: [Int] = []
    let logits = try pass(model(), threads: 1).read(chunks(1, length: 8), logits: .last) {
      layers.append($0)
      return $0 < 2
    }
    #expect(logits == nil)
    #expect(layers == [1, 2])
  }

  @Test(arguments: [-1, 96, 1 << 30])
  func refusesTokensOutsideTheVocabulary(id: Int) throws {
    let pass = try pass(model(), threads: 1)
    #expect(throws: InferenceError.tokenOutOfRange(id: id, vocabulary: 96)) {
      _ = try pass.read([[0, Int32(id), 1]], logits: .last)
    }
  }

  @Test func batchesFillMemoryOnlyWhereWeightsStream() throws {
    let pass = try pass(model(), threads: 1)
    let perChunk = pass.memory(length: 1025, recordedRows: 1).perChunk
    let machine = 1 << 34
    func chunks(memory: Int, machine: Int) -> Int {
      pass.batchSize(
        length: 1025, recordedRows: 1, memory: memory, physicalMemory: machine)
    }
    #expect(chunks(memory: machine / 4, machine: machine) == 4)
    #expect(chunks(memory: perChunk * 2, machine: machine) == 2)
    #expect(chunks(memory: 1, machine: machine) == 1)
    // A machine with less memory than the weights take.
    #expect(chunks(memory: perChunk * 9, machine: 1000) == 9)
  }

  @Test func kernelsAreChosenByName() throws {
    #expect(try Kernels(named: "scalar").name == "scalar")
    #expect(throws: InferenceError.unknownInstructionSet("avx1024")) {
      _ = try Kernels(named: "avx1024")
    }
  }
}
