import AttentionAnalysis
import Foundation
import Inference
import ModelFiles
import Reporting
import Results

/// What a run of `analyze` with some options and `--query next` will hold and how long it will
/// take, before anything is measured.
struct RunForecast {
  let kernels: Kernels
  let precision: Precision
  let threads: Int
  let chunkLength: Int
  /// `nil` where the corpus decides.
  let maxChunks: Int?
  let limit: Int
  /// Whether the weights are read from disk again for every batch.
  let streams: Bool
  /// Bytes of the mapped files.
  let mapped: Int
  /// Bytes that this process holds with the model and the tokenizer open, as a run does; `nil`
  /// where the system does not say.
  let program: Int?
  let memory: RunMemory
  /// `nil` where the weights cannot be multiplied by.
  let speed: PassSpeed?

  /// Words and their ids that tokenizing remembers, and the text on its way; measured.
  private static let text = 16 << 20
  /// Times as long as with the machine to itself, above which that is worth saying.
  private static let busy = 1.25
  /// Figures, the report and the archive until they are written; measured.
  private static let report = 28 << 20

  init(_ session: ModelSession, chunkLength: Int, maxChunks: Int?) {
    let (model, batchMemory) = (session.model, session.memory)
    let query = QuerySelection.next
    let pass = session.pass
    let most = batchMemory.chunks(of: pass, query: query, chunkLength: chunkLength)
    let batch = min(most, maxChunks ?? most)
    kernels = session.kernels
    precision = session.options.precision
    threads = session.options.threads
    self.chunkLength = chunkLength
    self.maxChunks = maxChunks
    limit = batchMemory.limit
    streams = batchMemory.streams(model)
    mapped = model.checkpoint.fileSizes.reduce(0, +)
    // Before anything is timed, which takes memory of its own.
    program = ProcessMemory.held
    memory = RunMemory(
      of: pass, query: query, chunkLength: chunkLength, chunks: maxChunks ?? batch, batch: batch)
    speed = try? PassSpeed(
      of: pass, length: chunkLength + 1, chunks: batch,
      recordedRows: query.recordedRows(n: chunkLength))
  }

  /// Bytes held, at most.
  var peak: Int {
    (program ?? 0) + max(memory.whileMeasuring, memory.whileWriting + Self.report, Self.text)
  }

  private var secondsPerChunk: Double { speed?.secondsPerChunk ?? .nan }
}

extension RunForecast {
  var rows: [FactSheet.Row] {
    func text(_ bytes: Int) -> String { QuantityText.bytes(bytes) }
    let pass = memory.pass
    var rows: [FactSheet.Row] = [
      .init(
        "a run",
        "\(QuantityText.count(chunkLength, "position")) a chunk, "
          + "\(QuantityText.count(memory.batch, "chunk")) at a time, \(precision) on \(kernels.name), "
          + QuantityText.count(threads, "thread")),
      .init(
        "memory mapped",
        "\(text(mapped)), the weights; the system takes it back when it is needed elsewhere"),
      .init("memory held", "about \(text(peak)) at most"),
    ]
    if let program {
      rows.append(.init("  program", "\(text(program)), tokenizer and names of tensors included"))
    }
    rows += [
      .init(
        "  activations",
        "\(text(memory.batch * pass.activationsPerChunk)), \(text(pass.activationsPerChunk)) a chunk"
      ),
      .init(
        "  attention",
        "\(text(memory.batch * pass.attentionPerChunk)), \(text(pass.attentionPerChunk)) a chunk"),
      .init("  panels", "\(text(pass.panels)), weights widened for products"),
      .init("  threads", text(pass.scratch + memory.measuring)),
      .init("  sums", text(memory.sums)),
      .init(
        "  at the end",
        "\(text(memory.arrays + Self.report)), arrays and report, in place of "
          + "activations, attention and panels"),
      .init("time", time),
    ]
    if streams {
      rows.append(
        .init(
          "",
          "the weights do not fit into memory: they are read from disk once for "
            + "\(QuantityText.count(memory.batch, "chunk")), which may take longer"))
    }
    return rows
  }

  private var time: String {
    guard let speed, secondsPerChunk.isFinite else { return "unknown" }
    let rate = QuantityText.operations(speed.operations / secondsPerChunk)
    var text = "\(QuantityText.estimate(ofSeconds: secondsPerChunk)) a chunk"
    if let maxChunks {
      let all = QuantityText.estimate(ofSeconds: secondsPerChunk * Double(maxChunks))
      text = "\(all) for \(QuantityText.count(maxChunks, "chunk")), \(text)"
    }
    text += ": \(QuantityText.operations(speed.operations)) at \(rate)/s"
    let busy = speed.secondsPerChunkNow / secondsPerChunk
    guard busy > Self.busy else { return text }
    return text + " where nothing else runs; \(String(format: "%.1f", locale: nil, busy)) times as "
      + "long beside what runs now"
  }

  var json: JSONValue {
    let pass = memory.pass
    return [
      "query": .string(QuerySelection.next.description),
      "chunk_length": .int(chunkLength),
      "max_chunks": JSONValue(maxChunks),
      "precision": .string(precision.rawValue),
      "isa": .string(kernels.name),
      "threads": .int(threads),
      "memory": .int(limit),
      "batch": .int(memory.batch),
      "weights_stream": .bool(streams),
      "mapped_bytes": .int(mapped),
      "held_bytes": .int(peak),
      "held": [
        "program": JSONValue(program),
        "activations": .int(memory.batch * pass.activationsPerChunk),
        "attention": .int(memory.batch * pass.attentionPerChunk),
        "panels": .int(pass.panels),
        "threads": .int(pass.scratch + memory.measuring),
        "sums": .int(memory.sums),
        "at_the_end": .int(memory.arrays + Self.report),
      ],
      "bytes_per_chunk": .int(pass.perChunk),
      "operations_per_chunk": .double(speed?.operations),
      "seconds_per_chunk": .double(secondsPerChunk),
      "seconds_per_chunk_now": .double(speed?.secondsPerChunkNow),
      "seconds": .double(maxChunks.map { secondsPerChunk * Double($0) }),
    ]
  }
}
