import ModelFiles
import Testing

@testable import Compression

/// RULER's questions: their words, their size, and that they have the answers that they say.
struct RulerTests {
  private static func items(
    _ kind: Ruler.Kind, length: Int = 1024, samples: Int = 2, seed: UInt64 = 1
  ) throws -> [TaskItem] {
    try Ruler(
      essay: try TaskFixture.essay(),
      options: .init(kinds: [kind], lengths: [length], samples: samples, seed: seed)
    ).items(try TaskFixture.encoder())
  }

  @Test func wordsAreRULERs() throws {
    let ruler = try #require(try Fixture.json("tasks.json")["ruler"])
    func hash(_ text: RulerText) -> String { TaskFixture.hash(text.prompt + text.answerPrefix) }
    #expect(
      hash(RulerNeedles.framed("C", .numbers, queries: ["Q"], answers: ["1"]))
        == ruler["niah_one"]?.string)
    #expect(
      hash(RulerNeedles.framed("C", .uuids, queries: ["Q", "R", "S"], answers: ["1", "2", "3"]))
        == ruler["niah_more"]?.string)
    let names = ["A", "B", "C", "D", "E"]
    #expect(
      hash(RulerVariables.framed("C", value: "V", names: names)) == ruler["vt"]?.string)
    #expect(
      TaskFixture.hash(RulerCommonWords.prompt("C") + RulerCommonWords.answerPrefix)
        == ruler["cwe"]?.string)
    #expect(hash(RulerFrequentWords.framed("C", answers: [])) == ruler["fwe"]?.string)
    let most = try #require(ruler["max_new_tokens"])
    let pairs: [(Ruler.Kind, String)] = [
      (.single1, "niah"), (.variableTracking, "variable_tracking"),
      (.commonWords, "common_words_extraction"), (.frequentWords, "freq_words_extraction"),
    ]
    for (kind, name) in pairs {
      #expect(
        try Self.items(kind, length: 1800, samples: 1).first?.maxNewTokens == most[name]?.int)
    }
  }

  @Test(arguments: Ruler.Kind.allCases)
  func questionsFillTheirLengthAndHoldTheirAnswers(kind: Ruler.Kind) throws {
    let encoder = try TaskFixture.encoder()
    let length = kind == .commonWords ? 1800 : 1300
    let items = try Self.items(kind, length: length)
    #expect(items.map(\.id) == ["\(kind.rawValue).\(length).0", "\(kind.rawValue).\(length).1"])
    #expect(items[0].prompt != items[1].prompt)
    #expect(try items[..<1] == Self.items(kind, length: length, samples: 1)[...])
    #expect(try items[0] != Self.items(kind, length: length, samples: 1, seed: 2)[0])
    for item in items {
      let count = try encoder.ids(of: item).count
      #expect(count == TaskFixture.coordinate("tokens", of: item))
      #expect(count + item.maxNewTokens <= length)
      // A line of filler has the most tokens of all parts.
      #expect(count + item.maxNewTokens > length - 150)
      for answer in item.answers { #expect(item.prompt.contains(answer)) }
      let all = item.answers.joined(separator: ", ").uppercased()
      let task = Ruler()
      #expect(task.scores(of: TaskFixture.response(all), to: item) == [TaskScore("match", 100)])
      #expect(task.scores(of: TaskFixture.response(""), to: item) == [TaskScore("match", 0)])
      let share = 100 * (1 / Double(item.answers.count))
      let first = TaskFixture.response("It is \(item.answers[0]).")
      #expect(task.scores(of: first, to: item) == [TaskScore("match", share)])
    }
  }

  @Test func lotsOfEachKindAndLengthAreItsOwn() throws {
    let answers = try [
      Self.items(.single1), Self.items(.single2), Self.items(.single1, length: 900),
    ].flatMap { $0.map(\.answers) }
    #expect(Set(answers).count == 6)
  }

  @Test func commonWordsAreTheEssaysAsFarAsItHasThem() throws {
    let words = RulerWords.ofText("It glows, and ships see light. Light and LIGHT light ships")
    #expect(words == ["ships", "light"])
    var draws = TaskDraws(seed: 3)
    let drawn = RulerWords.distinct(5, of: ["ships", "light"], &draws)
    #expect(Set(drawn).count == 5 && Set(drawn.prefix(2)) == ["ships", "light"])
    let essay = Set(RulerWords.ofText(try TaskFixture.essay()))
    let item = try #require(try Self.items(.commonWords, length: 2000).first)
    #expect(essay.isSuperset(of: item.answers))
  }

  private typealias NeedleTask = (kind: Ruler.Kind, needles: Int?, answers: Int)
  private static let needleTasks: [NeedleTask] = [
    (.single1, 1, 1), (.single2, 1, 1), (.single3, 1, 1), (.multikey1, 4, 1), (.multikey2, nil, 1),
    (.multikey3, nil, 1), (.multivalue, 4, 4), (.multiquery, 4, 4),
  ]

  @Test func needlesGiveTheAnswersToWhatIsAsked() throws {
    let pattern = /One of the special magic (\w+) for ([\w-]+) is: ([\w-]+)\./
    for task in Self.needleTasks {
      for item in try Self.items(task.kind) {
        let needles = item.prompt.matches(of: pattern)
        if let count = task.needles { #expect(needles.count == count) }
        #expect(item.answers.count == task.answers)
        let asked = try #require(
          item.answerPrefix.firstMatch(of: /magic \w+ for (.*) mentioned/)?.1)
        let keys = asked.replacing(", and ", with: ", ").split(separator: ", ").map(String.init)
        #expect(Set(keys).count == (task.kind == .multiquery ? 4 : 1))
        let values = keys.flatMap { key in
          needles.filter { $0.2 == key }.map { String($0.3) }
        }
        #expect(values.sorted() == item.answers.sorted(), "\(task.kind)")
      }
    }
    let lines = try #require(try Self.items(.multikey2).first).prompt.split(separator: "\n")
    #expect(lines.count > 8 && lines.dropFirst().dropLast().allSatisfy { $0.contains(pattern) })
    let uuid = try #require(try Self.items(.single3).first).answers[0]
    #expect(
      uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
        != nil)
  }

  @Test func variablesCanBeTracked() throws {
    for item in try Self.items(.variableTracking) {
      let parts = item.prompt.split(separator: "\n\nMemorize")
      #expect(parts.count == 2)
      for (part, letters) in zip(parts, [3, 5]) {
        let value = try #require(part.firstMatch(of: /assigned the value (\d{5})/)?.1)
        var known: [Substring] = []
        for match in part.matches(of: /VAR ([A-Z]+) = (?:VAR )?(\w+)/) {
          if match.2 == value || known.contains(match.2) { known.append(match.1) }
        }
        #expect(known.count == 5 && known.allSatisfy { $0.count == letters })
        if letters == 5 { #expect(known.map(String.init) == item.answers) }
        if letters == 3 { #expect(part.hasSuffix(known.joined(separator: " "))) }
      }
    }
  }

  @Test func commonAndFrequentWordsAreTheMostFrequent() throws {
    func ranked(_ words: [Substring]) -> [(word: String, count: Int)] {
      words.reduce(into: [:]) { $0[String($1), default: 0] += 1 }
        .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
    for item in try Self.items(.commonWords, length: 2000) {
      let list = try #require(item.prompt.split(separator: "often.\n").last)
      let words = ranked(list.prefix { $0 != "\n" }.matches(of: /\d+\. (\w+)/).map(\.1))
      #expect(Set(words.prefix(10).map(\.word)) == Set(item.answers))
      #expect(words.prefix(10).allSatisfy { $0.count == 6 })
      #expect(words.dropFirst(10).allSatisfy { $0.count == 1 })
      #expect(item.prompt.contains("in the list are: 1. "))
    }
    for item in try Self.items(.frequentWords) {
      let text = try #require(item.prompt.firstMatch(of: /coded words\. (.*)\nQuestion/)?.1)
      let words = ranked(text.split(separator: " "))
      #expect(words[0].word == "..." && words[1...3].map(\.word) == item.answers)
      // The share of the k-th is 1 / k² of all, over ζ(2) = π² / 6.
      let size = Double(try #require(TaskFixture.coordinate("size", of: item)))
      for (rank, word) in words.prefix(5).enumerated() {
        let share = 6 / (Double.pi * Double.pi * Double((rank + 1) * (rank + 1)))
        #expect(word.count == Int((size * share).rounded(.down)))
      }
    }
  }

  @Test func whatIsMissingIsSaid() throws {
    let encoder = try TaskFixture.encoder(range: 2048)
    #expect(throws: TaskError.noEssay(task: "niah_single_2")) {
      try Ruler(options: .init(kinds: [.single2], lengths: [1024])).items(encoder)
    }
    #expect(throws: TaskError.noLengths(task: "ruler")) { try Ruler().items(encoder) }
    #expect(throws: TaskError.noSuchTask("qa_1", known: Ruler.Kind.allCases.map(\.rawValue))) {
      try Ruler.Kind.named("qa_1")
    }
    let error = #expect(throws: TaskError.self) {
      try Ruler(options: .init(kinds: [.variableTracking], lengths: [300])).items(encoder)
    }
    guard case .lengthTooShort(task: "ruler", length: 300, let needed) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(needed > 500)
  }

  @Test func sentencesEndAtTheirMarks() {
    let words = "One two. Three! \"Is it?\" Yes (it is.) and so".split(separator: " ").map(
      String.init)
    #expect(
      RulerNeedles.sentences(words)
        == ["One two.", "Three!", "\"Is it?\"", "Yes (it is.)", "and so"])
  }
}
