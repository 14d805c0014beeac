import ModelFiles
import Testing

@testable import Compression

/// Passkey prompts against those that `make_tasks.py` wrote after the authors' code.
struct PasskeyTests {
  @Test func promptsAreTheFiveLines() throws {
    let fixture = try Fixture.json("tasks.json")
    let lengths = try #require(fixture["passkey_lengths"]).elements.compactMap(\.int)
    #expect(Passkey.paperLengths == .characters(lengths) && lengths.count == 32)
    for node in try #require(fixture["passkeys"]).elements {
      let garbage = try #require(node["garbage"]?.int)
      let draw = Passkey.Draw(
        seed: UInt64(try #require(node["seed"]?.int)), label: garbage, characters: garbage)
      #expect(draw.prefix == node["prefix"]?.int && draw.key == node["key"]?.int)
      #expect(TaskFixture.hash(draw.prompt + Passkey.answerPrefix) == node["sha256"]?.string)
    }
  }

  /// In the form that follows a space, whatever the tokenizer makes of one.
  @Test func expectedIDsAreThoseOfTheReference() throws {
    for family in try #require(try Fixture.json("tasks.json")["key_ids"]).elements {
      let tokenizer = try TaskFixture.tokenizer(try #require(family["path"]?.string))
      for node in try #require(family["keys"]).elements {
        let key = try #require(node["key"]?.string.flatMap { Int($0) })
        let ids = try #require(node["ids"]).elements.compactMap(\.int).map { Int32($0) }
        #expect(try Passkey.answerIDs(key, tokenizer) == ids, "\(family["name"]?.string ?? "")")
      }
    }
  }

  @Test func lengthsInTokensAreMetAsNearlyAsCharactersAllow() throws {
    let encoder = try TaskFixture.encoder()
    let task = Passkey(lengths: .tokens([300, 700]), seeds: [0, 1])
    let items = try task.items(encoder)
    #expect(items.map(\.id) == ["300.0", "300.1", "700.0", "700.1"])
    for item in items {
      let asked = try #require(TaskFixture.coordinate("length", of: item))
      let count = try encoder.ids(of: item).count
      #expect(count == TaskFixture.coordinate("tokens", of: item) && count <= asked)
      let garbage = try #require(TaskFixture.coordinate("garbage", of: item))
      let seed = UInt64(try #require(TaskFixture.coordinate("seed", of: item)))
      let more = Passkey.Draw(seed: seed, label: asked, characters: garbage + 1).prompt
      #expect(try encoder.count(more, answerPrefix: item.answerPrefix) > asked)
    }
    #expect(throws: TaskError.self) { try Passkey(lengths: .tokens([20])).items(encoder) }
  }

  @Test func whatDoesNotFitIsLeftOut() throws {
    let encoder = try TaskFixture.encoder(range: 2000)
    let items = try Passkey(seeds: [4]).items(encoder)
    #expect(items.map(\.id) == ["3072.4"])
    let anywhere = try TaskFixture.encoder()
    for lengths in [Passkey.Lengths.tokens([4000]), .tokens([0, -7, .min]), .characters([.max])] {
      #expect(throws: TaskError.noLengths(task: "passkey")) {
        try Passkey(lengths: lengths).items(encoder)
      }
    }
    for lengths in [Passkey.Lengths.tokens([.max]), .characters([.max])] {
      #expect(throws: TaskError.noLengths(task: "passkey")) {
        try Passkey(lengths: lengths).items(anywhere)
      }
    }
    var needle = Needle(haystack: "A tower.")
    needle.options.lengths = [.min, -1, 0, .max]
    #expect(throws: TaskError.noLengths(task: "needle")) { try needle.items(anywhere) }
    #expect(throws: TaskError.noLengths(task: "ruler")) {
      try Ruler(options: .init(lengths: [.min, 0, .max])).items(anywhere)
    }
  }

  @Test func rightAreTheFirstIDs() throws {
    let encoder = try TaskFixture.encoder()
    let task = Passkey(lengths: .characters([100]), seeds: [0])
    let item = try #require(try task.items(encoder).first)
    let key = try #require(item.answers.first)
    func score(_ ids: [Int32], _ text: String) -> [Double] {
      task.scores(of: TaskResponse(ids: ids, text: text), to: item).map(\.value)
    }
    #expect(score(item.answerIDs, " \(key)") == [1, 1])
    #expect(score(item.answerIDs + [5], "\n\(key).") == [1, 1])
    #expect(score(Array(item.answerIDs.dropLast()), String(key.dropLast())) == [0, 0])
    #expect(score([], "\(key)1") == [0, 0])
    #expect(score([], "the \(key)") == [0, 0])
    #expect(item.maxNewTokens == item.answerIDs.count)
  }
}
