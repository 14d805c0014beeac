import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Results

extension Command {
  /// `bench [MODEL]`: this machine's peaks and what kernels and passes reach of them.
  static let bench = Command(
    spec: CommandSpec(
      name: "bench",
      summary: "time this machine's peaks and what the kernels and a model's pass reach of them",
      positionals: [
        PositionalSpec(
          name: "MODEL", help: "a model as analyze takes it; without one, kernels alone",
          arity: .optional)
      ],
      options: [
        .value("chunk-length", "N", "cached positions of a chunk", default: "1024"),
        .choice(
          "precision", ["both"] + Precision.allCases.map(\.rawValue), "arithmetic",
          default: "both"),
        .threads,
        .value("batch", "B", "chunks that go through the layers together", default: "4"),
        .value("rounds", "R", "runs of each figure; the median counts", default: "5"),
        .flag("passes", "only passes of MODEL and its decoding, no kernels"),
        .value("only", "NAME", "only figures whose names begin or end so, such as 'query next'"),
        .flag("json", "print a JSON object"),
      ],
      examples: [
        "alr-analyze bench", "alr-analyze bench ./SmolLM2-135M --rounds 9 --precision f32",
      ]),
    run: { arguments, console in
      var bench = try Bench(arguments, console: console)
      try bench.run()
    })
}

/// One run of `bench`: figures as they come, each a line of the table and a row of the JSON.
private struct Bench {
  private let console: Console
  private let kernels: Kernels
  private let precisions: [Precision]
  private let threads: Int
  private let chunkLength: Int
  private let batch: Int
  private let rounds: Int
  private let model: Model?
  private let isJSON: Bool
  private let passesOnly: Bool
  private let only: String?
  /// A run is repeated until it does as much, so that its end is not what is timed.
  private static let operationsPerRun = 2e10
  private var figures: [JSONValue] = []

  init(_ arguments: ParsedArguments, console: Console) throws {
    self.console = console
    kernels = try Kernels.chosen(console)
    precisions =
      arguments.value("precision").flatMap(Precision.init).map { [$0] }
      ?? Precision.allCases
    threads = try arguments.threads()
    chunkLength = try arguments.integer("chunk-length", maximum: 1 << 20) ?? 1024
    batch = try arguments.integer("batch", maximum: 1 << 16) ?? 4
    rounds = try arguments.integer("rounds", maximum: 1 << 16) ?? 5
    model = try arguments.positionals.first.map { try Model.open($0) }
    isJSON = arguments.has("json")
    passesOnly = arguments.has("passes")
    only = arguments.value("only")
    if passesOnly, model == nil { throw UsageError.missingArgument("MODEL", command: "bench") }
  }

  mutating func run() throws {
    if !isJSON {
      try console.print(
        "\(kernels.name), \(threads) threads, median of \(rounds) (fastest-slowest)")
    }
    let pool = WorkerPool(count: threads)
    if model == nil {
      try timeReading(.init(kernels: kernels, precision: .f32, pool: pool))
    }
    for precision in precisions {
      let benchmark = KernelBenchmark(kernels: kernels, precision: precision, pool: pool)
      if !passesOnly { try timeKernels(benchmark) }
      if let model {
        try timePasses(model, benchmark)
        try timeDecoding(model, benchmark)
      }
    }
    if figures.isEmpty, let only {
      throw UsageError.invalidValue(
        option: "only", value: only,
        expected: "what the name of a figure begins or ends with, such as 'query next'"
          + (model == nil ? "; passes need a MODEL" : ""))
    }
    if isJSON {
      let table: JSONValue = [
        "isa": .string(kernels.name), "threads": .int(threads), "figures": .array(figures),
      ]
      try console.print(table)
    }
  }

  private mutating func timeKernels(_ benchmark: KernelBenchmark) throws {
    for (inner, outer) in [(576, 576), (576, 1536), (1536, 576), (4096, 11008)] {
      let name = "product 1024 x \(inner) x \(outer)"
      guard isWanted(name) else { continue }
      let product = try benchmark.product(tokens: 1024, inner: inner, outer: outer)
      let repeats = max(1, Int(Self.operationsPerRun / product.operations))
      try time(
        benchmark,
        [
          Case(name: name, operations: product.operations, repeats: repeats) {
            for _ in 0..<repeats { try product.run() }
          }
        ])
    }
    guard let model else { return }
    for length in [1024, 4096] {
      let name = "attention of a layer, n = \(length)"
      guard isWanted(name) else { continue }
      let attention = benchmark.attention(model.spec, length: length)
      let repeats = max(1, Int(Self.operationsPerRun / attention.operations))
      try time(
        benchmark,
        [
          Case(name: name, operations: attention.operations, repeats: repeats) {
            for _ in 0..<repeats { attention.run() }
          }
        ])
    }
  }

  private mutating func timePasses(_ model: Model, _ benchmark: KernelBenchmark) throws {
    let precision = benchmark.precision
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: precision, pool: benchmark.pool)
    let single = ForwardPass(
      model: model, kernels: kernels, precision: precision, pool: WorkerPool(count: 1))
    let many = PassBenchmark(pass: pass, chunkLength: chunkLength, chunks: batch)
    let one = PassBenchmark(pass: pass, chunkLength: chunkLength, chunks: 1)
    let slow = PassBenchmark(pass: single, chunkLength: chunkLength, chunks: batch)
    func item(
      _ name: String, _ pass: PassBenchmark, _ chunks: Int, _ query: QuerySelection,
      run: @escaping () throws -> Void
    ) -> Case {
      Case(
        name: "pass, n = \(chunkLength), \(name)", operations: pass.usefulOperations(query),
        repeats: chunks, run: run)
    }
    var cases = [
      item("nothing recorded", many, batch, .next) { try many.ignore(.next) },
      item("query next", many, batch, .next) { try many.measure(.next) },
      item("query next, one chunk", one, 1, .next) { try one.measure(.next) },
    ]
    if threads > 1 {
      cases.append(item("query next, 1 thread", slow, batch, .next) { try slow.measure(.next) })
    }
    if chunkLength >= QuerySelection.firstRowOfAll {
      let all = QuerySelection.all(stride: 1)
      cases.append(item("query all", many, batch, all) { try many.measure(all) })
    }
    try time(benchmark, cases.filter { isWanted($0.name) })
  }

  /// Sequences that get their next tokens together.
  private static let decodedSequences = [1, 8]
  /// What is read where there is no model: more than caches hold.
  private static let readBytes = 512 << 20

  /// Reading of memory, in turn with the next tokens of one sequence and of several.
  private mutating func timeDecoding(_ model: Model, _ benchmark: KernelBenchmark) throws {
    let pass = ForwardPass(
      model: model, kernels: kernels, precision: benchmark.precision, pool: benchmark.pool)
    let counts = Self.decodedSequences.filter { isWanted(DecodeFigure.name(sequences: $0)) }
    guard !counts.isEmpty else { return }
    let bytes = model.weightBytesPerToken
    let read = ReadBenchmark(kernels: kernels, pool: benchmark.pool, bytes: bytes)
    let decoding = try counts.map { try DecodeBenchmark(of: pass, sequences: $0) }
    let steps = DecodeBenchmark.steps
    let bodies: [() throws -> Void] =
      [{ for _ in 0..<steps { read.run() } }] + decoding.map { one in { try one.run() } }
    for body in bodies { try body() }
    let timings = try Timing.interleaved(rounds: rounds, bodies).map { timing in
      Timing(timing.seconds.map { $0 / Double(steps) })
    }
    let rate = Double(read.byteCount) / timings[0].median
    try add(ReadFigure(threads: threads, bytesPerSecond: rate, timing: timings[0]))
    for (count, timing) in zip(counts, timings.dropFirst()) {
      try add(
        DecodeFigure(
          precision: benchmark.precision, sequences: count, timing: timing,
          readLimit: Double(bytes) / rate))
    }
  }

  private mutating func timeReading(_ benchmark: KernelBenchmark) throws {
    guard isWanted(ReadFigure.name(threads: threads)) else { return }
    let read = ReadBenchmark(kernels: kernels, pool: benchmark.pool, bytes: Self.readBytes)
    read.run()
    let timing = try Timing.interleaved(rounds: rounds, [read.run])[0]
    try add(
      ReadFigure(
        threads: threads, bytesPerSecond: Double(read.byteCount) / timing.median, timing: timing))
  }

  private mutating func add(_ figure: some BenchFigure) throws {
    figures.append(figure.json)
    if !isJSON { try console.print(figure.line) }
  }

  private func isWanted(_ name: String) -> Bool {
    only.map { name.hasPrefix($0) || name.hasSuffix($0) } ?? true
  }

  /// Runs the cases and the peak in turn and adds a figure for each; the peak's own line comes
  /// before the first.
  private mutating func time(_ benchmark: KernelBenchmark, _ cases: [Case]) throws {
    guard !cases.isEmpty else { return }
    let peak = benchmark.peak()
    // The first run maps the weights and wakes the threads.
    peak.run()
    for item in cases { try item.run() }
    let timings = try Timing.interleaved(rounds: rounds, [peak.run] + cases.map(\.run))
    let rate = peak.operations / timings[0].median
    try add(
      benchmark.precision, "peak, \(threads) threads", peak: rate, operations: peak.operations,
      timings[0])
    for (item, timing) in zip(cases, timings.dropFirst()) {
      try add(
        benchmark.precision, item.name, peak: rate, operations: item.operations,
        Timing(timing.seconds.map { $0 / Double(item.repeats) }))
    }
  }

  /// A figure: operations of one run, and how long runs took.
  private mutating func add(
    _ precision: Precision, _ name: String, peak: Double, operations: Double, _ timing: Timing
  ) throws {
    let rate = operations / timing.median
    figures.append([
      "name": .string(name), "precision": .string(precision.rawValue),
      "seconds": .array(timing.seconds.map(JSONValue.double)),
      "gflops": .double(rate / 1e9), "share_of_peak": .double(rate / peak),
    ])
    guard !isJSON else { return }
    try console.print(
      BenchLine.text(
        precision, name, "\(BenchLine.fixed(rate / 1e9, 1)) GFLOP/s", share: rate / peak, timing))
  }
}

/// Something to time.
private struct Case {
  let name: String
  /// Of one repeat.
  let operations: Double
  /// Repeats, or chunks, in one run.
  let repeats: Int
  let run: () throws -> Void
}
