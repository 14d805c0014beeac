import ModelFiles
import Testing

@testable import Compression

/// Needles in haystacks: where they stand, and what is asked.
struct NeedleTests {
  @Test func theGridIsThePapers() throws {
    let lengths = try #require(try Fixture.json("tasks.json")["needle_lengths"])
    #expect(Needle.paperLengths == lengths.elements.compactMap(\.int))
    #expect(Needle.paperLengths.count == 40 && Needle.paperDepths.count == 10)
  }

  @Test func placesAreThoseOfTheAuthors() throws {
    let fixture = try Fixture.json("tasks.json")
    let hay = try #require(fixture["hay"]).elements.compactMap(\.int).map { Int32($0) }
    let places = try #require(fixture["places"]).elements
    #expect(places.count == 12)
    for pair in places.map({ $0.elements.compactMap(\.int) }) {
      #expect(Needle.place(in: hay, depth: pair[0], stops: [4]) == pair[1], "\(pair[0])")
    }
  }

  @Test func needlesStandBehindSentences() throws {
    let encoder = try TaskFixture.encoder(range: 2000)
    var task = Needle(haystack: try TaskFixture.essay())
    task.options.lengths = [600, 1000, 4000]
    let items = try task.items(encoder)
    #expect(items.count == 20)
    #expect(items.first?.id == "600.0" && items.last?.id == "1000.100")
    for item in items {
      let book = try #require(
        item.prompt.firstMatch(of: /(?s)<book> (.*) <\/book>\.\n Based on/)?.1)
      let parts = book.split(separator: Needle.usualNeedle, omittingEmptySubsequences: false)
      #expect(parts.count == 2)
      let before = parts[0].trimming { $0.isWhitespace }
      let depth = TaskFixture.coordinate("depth", of: item)
      #expect(depth == 100 || before.isEmpty || before.hasSuffix("."))
      #expect((depth == 0) == (parts[0].isEmpty) && (depth == 100) == parts[1].isEmpty)
      // Haystack and needle leave 200 tokens.
      let length = try #require(TaskFixture.coordinate("length", of: item))
      let count = encoder.tokenizer.encode(String(book)).count
      #expect(abs(count - (length - 200)) <= 3)
      #expect(item.prompt.hasSuffix("San Francisco?\nAnswer:") && item.maxNewTokens == 50)
      #expect(TaskFixture.coordinate("tokens", of: item) == (try encoder.ids(of: item).count))
    }
  }

  @Test func shortTextsAreRepeatedAndShorterOnesRefused() throws {
    let encoder = try TaskFixture.encoder()
    var task = Needle(haystack: "A lighthouse is a tower.")
    task.options.lengths = [400]
    task.options.depths = [50]
    let prompt = try #require(try task.items(encoder).first).prompt
    #expect(prompt.matches(of: /A lighthouse is a tower\.\n/).count > 5)
    for text in ["A lighthouse is a tower", "", "3", "?"] {
      task.haystack = text
      #expect(throws: TaskError.haystackWithoutSentence(characters: text.count)) {
        try task.items(encoder)
      }
    }
    task.haystack = "A tower."
    task.options.lengths = [210]
    #expect(throws: TaskError.self) { try task.items(encoder) }
  }

  @Test func othersMayBeAsked() throws {
    var options = Needle.Options(lengths: [300], depths: [0])
    options.needle = " The key is under the mat."
    options.question = "Where is the key?"
    options.template = try PromptTemplate(
      "{context} {{Q}} {question}", required: ["context", "question"])
    let task = Needle(haystack: "A tower. ", options: options)
    let prompt = try #require(try task.items(try TaskFixture.encoder()).first).prompt
    #expect(prompt.contains("under the mat.") && prompt.hasSuffix(" {Q} Where is the key?"))
  }

  @Test func scoresAreWordsOfTheAnswer() throws {
    let task = Needle(haystack: "")
    let item = TaskItem(
      id: "x", coordinates: [], prompt: "", maxNewTokens: 1, answers: [Needle.usualAnswer])
    func scores(_ text: String) -> [Double] {
      task.scores(of: TaskFixture.response(text), to: item).map(\.value)
    }
    #expect(scores("Eat a sandwich AND sit in dolores park on a sunny day.") == [1, 1])
    #expect(scores("") == [0, 0])
    // 11 words, one of them twice in the answer; "day" is not "day.".
    #expect(scores("a day")[0] == 1.0 / 11)
    #expect(scores("eating sandwiches")[0] == 0 && scores("eating sandwiches")[1] > 0.2)
  }
}

extension Substring {
  fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> Substring {
    let end = lastIndex { !isTrimmed($0) }.map { index(after: $0) } ?? startIndex
    return self[startIndex..<end].drop(while: isTrimmed)
  }
}
