import ModelFiles
import Tokenization

/// What a user should know of how a corpus was read.
struct CorpusNotes {
  private let corpus: Corpus
  private let chunks: ChunkedCorpus
  private let readsIDs: Bool

  init(_ corpus: Corpus, _ chunks: ChunkedCorpus, readsIDs: Bool) {
    self.corpus = corpus
    self.chunks = chunks
    self.readsIDs = readsIDs
  }

  /// One line for what was read and what was not, where that is not plain from the command line,
  /// and a warning for each kind of text that is not as it was.
  func tell(_ console: Console, isQuiet: Bool) {
    let isWorrying = chunks.leftOut.entries.contains(where: \.reason.isWorrying)
    if isWorrying {
      console.warn(reading)
    } else if !isQuiet, corpus.isCollection || !chunks.summary.recognised.isEmpty {
      console.writeError("\(toolName): \(Console.line(reading))\n")
    }
    if chunks.summary.replacements > 0 {
      console.warn(
        "\(chunks.summary.replacements) parts of the corpus are not UTF-8 and are read as U+FFFD")
    }
    if chunks.summary.withoutText > 0 {
      let count = Self.count(chunks.summary.withoutText, "record")
      console.warn("\(count) of the corpus without a text, left out")
    }
  }

  /// For example `read 12 documents of 3 files; left out: 1 hidden (.git)`.
  private var reading: String {
    let summary = chunks.summary
    var line =
      "read \(Self.count(summary.documents, "document")) of \(Self.count(summary.files, "file"))"
    if !summary.recognised.isEmpty {
      let names = summary.recognised.prefix(3).map { printable($0, limit: 40) }
      line +=
        ", as JSON records: \(names.joined(separator: ", "))"
        + (summary.recognised.count > 3 ? ", …" : "") + " (--format text reads what is there)"
    }
    if !chunks.leftOut.entries.isEmpty { line += "; left out: \(chunks.leftOut.description)" }
    return line
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
