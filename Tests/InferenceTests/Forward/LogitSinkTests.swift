import Foundation
import Testing

@testable import Inference

struct LogitSinkTests {
  /// Against the definition, written with the logits' softmax.
  @Test func likelihoodIsThatOfTheNextToken() throws {
    let tokens: [Int32] = [4, 1, 0]
    let sink = LikelihoodSink { sequence, position in
      sequence == 7 && tokens.indices.contains(position) ? tokens[position] : nil
    }
    let rows: [[Float]] = [
      [1, 2, -3, 0.5, 90], [200, 200, 0, 0, 0], [0, 3, 3, -1, 2], [1, 1, 1, 1, 1],
    ]
    for (position, row) in rows.enumerated() {
      row.withUnsafeBufferPointer { sink.take($0, sequence: 7, position: position) }
    }
    // Nothing is known behind the last row, nor of another sequence.
    rows[0].withUnsafeBufferPointer { sink.take($0, sequence: 8, position: 0) }
    #expect(sink.entries.map(\.position) == [0, 1, 2])
    for entry in sink.entries {
      let row = rows[entry.position].map { exp(Double($0) - 100) }
      let share = row[Int(tokens[entry.position])] / row.reduce(0, +)
      #expect(abs(entry.negativeLogLikelihood + log(share)) < 1e-12)
      #expect(entry.sequence == 7)
    }
    // Of the two logits of 200 the lower id counts.
    #expect(sink.entries.map(\.isCorrect) == [true, false, false])
  }

  @Test func theFirstOfEqualLogitsIsTheArgmax() {
    let sink = ArgmaxSink()
    for row in [[0, 5, 5], [3, 3, 3], [-2, -1, -3]] as [[Float]] {
      row.withUnsafeBufferPointer { sink.take($0, sequence: 0, position: 0) }
    }
    #expect(sink.tokens == [1, 0, 1])
  }
}
