import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import alr_analyze

/// `inspect` as users run it, of every kind of model.
@Suite struct InspectTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ arguments: String...) throws -> Executable.Outcome {
    try Executable.run(["inspect"] + arguments, in: workplace.path)
  }

  private func json(_ arguments: String...) throws -> JSONNode {
    let outcome = try Executable.run(["inspect"] + arguments + ["--json"], in: workplace.path)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try JSONDocument(parsing: Array(outcome.output.utf8)).root
  }

  @Test func saysWhatTheModelIs() throws {
    let table = try run(Executable.sample)
    #expect(table.exitCode == 0 && table.errors == "")
    for line in [
      "name            sample\n", "architecture    llama\n", "heads           4 of 64 dimensions\n",
      "kv heads        2, each shared by 2 heads\n", "context         2,048 positions\n",
      "rope            64 dimensions, base 500000\n", "windows         none\n",
      "file            model.safetensors, safetensors, 7.4 MiB\n",
      "parameters      3,886,272\n", "weights         BF16: 74 tensors, 7.4 MiB\n",
      "tokenizer       byte-level BPE, from tokenizer.json\n",
      "bos             0, <|begin|>\n", "eos             1, <|end|>\n",
      "bos by default  put in front of every chunk\n",
      "\na run           1,024 positions a chunk, ",
      "\nmemory mapped   7.4 MiB, the weights; ", "\nmemory held     about ",
      "\n  activations ", "\n  attention ", "\n  panels ", "\n  sums ", "\ntime            ",
    ] {
      #expect(table.output.contains(line), "\(line)")
    }
    let stretched = try run(Executable.sample, "--rope", "dynamic:2@4096")
    #expect(stretched.output.contains("rope            64 dimensions, base 1554111.8"))
    #expect(stretched.output.contains("context         4,096 positions\n"))
    #expect(try run("nowhere").exitCode == 66)
    let split = try run(Executable.sample, "--pre", "qwen2")
    #expect(split.exitCode == 0 && split.errors.contains("warning: --pre is for GGUF files"))
    let long = try run(Executable.sample, "--chunk-length", "2048")
    #expect(long.exitCode == 0 && long.errors.contains("beyond the model's context of 2048"))
    try FileManager.default.copyItem(
      atPath: Executable.sample, toPath: workplace.path + "/bad\u{1B}[1m\nname")
    let named = try run("bad\u{1B}[1m\nname")
    #expect(named.output.hasPrefix("name            bad\u{FFFD}[1m\u{FFFD}name\narch"))
  }

  @Test func programsGetTheSame() throws {
    let root = try json(
      Executable.sample, "--chunk-length", "99", "--max-chunks", "3", "--threads", "1", "--memory",
      "1G")
    #expect(root["layers"]?.int == 8 && root["fingerprint"]?.string?.count == 64)
    #expect(root["files"]?.elements.first?["bytes"]?.int == 7_780_512)
    #expect(root["weights"]?.elements.first?["bytes"]?.int == 7_772_544)
    #expect(root["tokenizer"]?["puts_in_front"]?["id"]?.int == 0)
    #expect(root["tokenizer"]?["bos"]?["piece"]?.string == "<|begin|>")
    let told = try #require(root["run"])
    #expect(told["chunk_length"]?.int == 99 && told["max_chunks"]?.int == 3)
    #expect(told["batch"]?.int == 3 && told["memory"]?.int == 1 << 30 && told["threads"]?.int == 1)
    #expect(told["mapped_bytes"]?.int == 7_780_512 && told["weights_stream"]?.bool == false)
    let held = try #require(told["held"])
    let parts = ["activations", "attention", "panels", "threads", "sums"].compactMap {
      held[$0]?.int
    }
    #expect(parts.count == 5 && parts.allSatisfy { $0 > 0 })
    #expect(held["activations"]?.int ?? 0 > 3 * 99 * 192 * 4)
    let perChunk = try #require(told["bytes_per_chunk"]?.int)
    #expect(parts[0] + parts[1] == 3 * perChunk)
    #expect(told["held_bytes"]?.int ?? 0 >= parts.reduce(0, +) + (held["program"]?.int ?? 0))
    let seconds = try #require(told["seconds_per_chunk"]?.double)
    #expect(seconds > 0 && told["operations_per_chunk"]?.double ?? 0 > 1e8)
    #expect(abs((told["seconds"]?.double ?? 0) - 3 * seconds) <= seconds * 1e-9)
    // Without room for two chunks there is one; twice the length takes about twice the memory.
    let one = try json(Executable.sample, "--chunk-length", "99", "--memory", "1M")
    #expect(one["run"]?["batch"]?.int == 1 && one["run"]?["max_chunks"]?.isNull == true)
    let longer = try json(Executable.sample, "--chunk-length", "198", "--memory", "1M")
    let ratio = Double(try #require(longer["run"]?["bytes_per_chunk"]?.int)) / Double(perChunk)
    #expect((1.8...2.2).contains(ratio))
  }

  /// Folders and files, sharded, quantised, FP8, experts, windows, inside a multimodal checkpoint.
  @Test(arguments: [
    ("sharded", ["files          safetensors, 3 files, ", "BF16: 29 tensors"]),
    ("sharded/model.safetensors.index.json", ["model-00003-of-00003.safetensors, "]),
    ("gguf/tiny-q8_0.gguf", ["tiny-q8_0.gguf, gguf, ", "Q8_0: "]),
    ("fp8/block", ["F8_E4M3: 14 tensors, 29.3 KiB"]),
    ("architectures/mixtral", ["24 in each of 4 experts, 2 a token"]),
    ("gguf/mixtral.gguf", ["24 in each of 4 experts, 2 a token"]),
    ("architectures/gemma3", ["16 positions in layers 0-4; none in layer 5", "kv heads"]),
    ("multimodal/gemma3", ["gemma3_text"]),
    ("architectures/gpt2", ["rope           none", "gpt2"]),
  ])
  func everyKindOfModelIsShown(name: String, parts: [String]) throws {
    let path = Repository.root.appendingPathComponent("Tests/InferenceTests/Fixtures/\(name)").path
    let table = try run(path)
    #expect(table.exitCode == 0, "\(table.errors)")
    for part in parts + ["\na run  ", "\nmemory held  ", "\ntime  "] {
      #expect(table.output.contains(part), "\(part) in \(table.output)")
    }
    let root = try json(path)
    let stored = root["weights"]?.elements.compactMap { $0["bytes"]?.int } ?? []
    let files = root["files"]?.elements.compactMap { $0["bytes"]?.int } ?? []
    #expect(!stored.isEmpty && stored.reduce(0, +) < files.reduce(0, +))
    #expect(root["run"]?["seconds_per_chunk"]?.double ?? 0 > 0)
    // These have no tokenizer, which is said.
    if root["tokenizer"]?.isNull == true {
      #expect(table.output.contains("\ntokenizer      none that can be used\n"))
      #expect(table.errors.contains("warning: "))
    }
  }

  @Test func aVocabularyAloneIsShown() throws {
    let path = workplace.path + "/vocabulary.gguf"
    try vocabulary().write(to: URL(fileURLWithPath: path))
    let outcome = try run("vocabulary.gguf")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\nparameters      none\n"))
    #expect(outcome.output.contains("\nvocabulary      4 tokens\n"))
    #expect(outcome.output.contains("\nbos             1, <s>\n"))
    #expect(!outcome.output.contains("memory") && !outcome.output.contains("layers"))
    #expect(
      outcome.errors
        == "alr-analyze: warning: a vocabulary without weights: tokenize takes it, a run needs a "
        + "model\n")
    #expect(try json("vocabulary.gguf")["run"]?.isNull == true)
  }

  @Test func whatCannotRunIsShownAsFarAsItGoes() throws {
    let path = workplace.path + "/m"
    try FileManager.default.copyItem(atPath: Executable.sample, toPath: path)
    let configuration = try String(contentsOfFile: path + "/config.json", encoding: .utf8)
    try configuration.replacingOccurrences(of: "\"silu\"", with: "\"relu2\"").write(
      toFile: path + "/config.json", atomically: true, encoding: .utf8)
    let outcome = try run("m")
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.hasPrefix("alr-analyze: m/config.json: 'hidden_act' of the"))
    #expect(outcome.output.contains("BF16: 74 tensors") && !outcome.output.contains("memory"))
    let told = try run("m", "--json")
    let root = try JSONDocument(parsing: Array(told.output.utf8)).root
    #expect(told.exitCode == 65 && root["run"]?.isNull == true)
    #expect(root["refusal"]?.string?.contains("'hidden_act'") == true)
  }

  @Test func valuesStayWithinNarrowTerminals() {
    let sheet = FactSheet(groups: [
      [
        .init("name", "a"), .init("a longer name", "some words that do not fit on one line at all"),
      ],
      [.init("fingerprint", String(repeating: "f", count: 64))],
    ])
    #expect(sheet.text(width: nil).contains("words that do not fit on one line at all\n\nfing"))
    for width in [20, 40, 80, 120] {
      let lines = sheet.text(width: width).split(separator: "\n")
      #expect(lines.count >= 3)
      let tooLong = lines.filter { $0.count > width }
      // A word is never broken: what it is broken into could not be copied.
      #expect(tooLong.allSatisfy { $0.contains("ffff") }, "\(tooLong)")
    }
    #expect(sheet.text(width: 40).contains("a longer name  some words that do not\n"))
    #expect(sheet.text(width: 30).contains("a longer name\n    some words that do not fit\n"))
  }

  @Test func estimatesHaveTwoDigits() {
    for (seconds, text) in [
      (0.00012, "less than 0.001 s"), (0.0123, "about 0.012 s"), (0.456, "about 0.46 s"),
      (1.234, "about 1.2 s"), (45.6, "about 46 s"), (720, "about 12 min"),
      (12600, "about 3.5 h"), (.nan, "an unknown time"),
    ] {
      #expect(QuantityText.estimate(ofSeconds: seconds) == text)
    }
    #expect(QuantityText.operations(245.7e9) == "246 GFLOP")
    #expect(QuantityText.operations(1.32e13) == "13 TFLOP")
    #expect(QuantityText.count(1, "chunk") == "1 chunk")
    #expect(QuantityText.count(1024, "position") == "1,024 positions")
  }

  @Test func heldMemoryIsWhatNoFileIsBehind() {
    let status = "VmHWM:\t  900 kB\nRssAnon:\t    1234 kB\nRssFile:\t  800 kB\n"
    #expect(ProcessMemory.anonymous(in: status) == 1234 * 1024)
    #expect(ProcessMemory.anonymous(in: "RssAnon: 99999999999999999999 kB") == nil)
    #expect(ProcessMemory.anonymous(in: "RssAnon: -1 kB") == nil)
    #expect(ProcessMemory.anonymous(in: "RssAnon: 12 MB") == nil)
    #expect(ProcessMemory.anonymous(in: "") == nil)
  }

  /// A GGUF file of a SentencePiece-like vocabulary and nothing else.
  private func vocabulary() -> Data {
    var data = Data("GGUF".utf8)
    func number<Value: FixedWidthInteger>(_ value: Value) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    func text(_ text: String) {
      number(UInt64(text.utf8.count))
      data.append(contentsOf: text.utf8)
    }
    number(UInt32(3))
    number(UInt64(0))
    number(UInt64(6))
    for (key, value) in [
      ("general.architecture", "llama"), ("tokenizer.ggml.model", "llama"),
    ] {
      text(key)
      number(UInt32(8))
      text(value)
    }
    func array(_ key: String, type: UInt32, _ count: Int) {
      text(key)
      number(UInt32(9))
      number(type)
      number(UInt64(count))
    }
    array("tokenizer.ggml.tokens", type: 8, 4)
    for piece in ["<unk>", "<s>", "</s>", "▁a"] { text(piece) }
    array("tokenizer.ggml.scores", type: 6, 4)
    for score in [0, 0, 0, -1] as [Float] { number(score.bitPattern) }
    array("tokenizer.ggml.token_type", type: 5, 4)
    for type in [2, 3, 3, 1] as [Int32] { number(type) }
    text("tokenizer.ggml.bos_token_id")
    number(UInt32(4))
    number(UInt32(1))
    return data
  }
}
