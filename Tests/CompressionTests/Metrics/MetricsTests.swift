import ModelFiles
import Testing

@testable import Compression

/// Metrics against what the reference implementations give for pairs that `make_metrics.py` made up.
struct MetricsTests {
  private static let metrics: [(name: String, score: @Sendable (String, String) -> Double)] = [
    ("f1", { AnswerF1.score($0, $1) }),
    ("word_recall", { WordRecall.score($0, $1) }),
    ("rouge_1", { Rouge.one($0, $1, stemming: false) }),
    ("rouge_l", { Rouge.longest($0, $1, stemming: false) }),
    ("rouge_1_stemmed", { Rouge.one($0, $1, stemming: true) }),
    ("rouge_l_stemmed", { Rouge.longest($0, $1, stemming: true) }),
    ("sentence_rouge_l", { SentenceRouge.longest($0, $1) }),
  ]

  @Test func scoresAreThoseOfTheReferences() throws {
    let pairs = try #require(try Fixture.json("metrics.json")["pairs"]).elements
    #expect(pairs.count > 300)
    for pair in pairs {
      let response = try #require(pair["response"]?.string)
      let answer = try #require(pair["answer"]?.string)
      for metric in Self.metrics {
        let expected = try #require(pair[metric.name]?.double)
        let score = metric.score(response, answer)
        #expect(abs(score - expected) < 1e-12, "\(metric.name) of \(response) and \(answer)")
      }
    }
  }

  @Test func matchesAreThoseOfRULER() throws {
    for match in try #require(try Fixture.json("metrics.json")["matches"]).elements {
      let answers = try #require(match["answers"]).elements.compactMap(\.string)
      let response = try #require(match["response"]?.string)
      let expected = try #require(match["score"]?.double)
      #expect(abs(StringMatch.all(response, answers) - expected) < 1e-12)
    }
    #expect(StringMatch.all("", ["a"]) == 0 && StringMatch.all("a", []) == 0)
  }

  @Test func stemsAreThoseOfNLTK() throws {
    let stems = try #require(try Fixture.json("metrics.json")["stems"]).members
    #expect(stems.count > 1000)
    for (word, stem) in stems { #expect(PorterStemmer.stem(word) == stem.string, "\(word)") }
  }

  /// The two packages agree on a sentence in lower case without punctuation and repeated words.
  @Test func bothKindsOfRougeAgreeWhereTheyCan() {
    let (response, answer) = ("we eat a sandwich in town", "eat a sandwich and sit")
    let difference =
      SentenceRouge.longest(response, answer) - Rouge.longest(response, answer, stemming: false)
    #expect(abs(difference) < 1e-7 && difference != 0)
    #expect(SentenceRouge.longest("a a", "a") == SentenceRouge.longest("a", "a"))
    #expect(Rouge.longest("a a", "a", stemming: false) < 0.7)
  }
}
