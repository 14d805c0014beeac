import ModelFiles
import Tokenization

/// One line of a file of LongBench.
public struct LongBenchRecord: Sendable, Equatable {
  /// The question; may be empty.
  public var input: String
  /// What it is about.
  public var context: String
  /// Each of them right.
  public var answers: [String]
  /// The name of its dataset.
  public var dataset: String
  /// Words or characters of the context, as the benchmark counted them.
  public var length: Int?
  /// What may be answered where the dataset is one of classes.
  public var classes: [String]
  public var id: String

  /// The records of a file, in order; lines of white space are passed over.
  ///
  /// - Parameter allowsOthers: whether records of datasets that are not known are taken.
  /// - Throws: `TaskError`, `.record` with file and line, counted from 1.
  static func read(_ path: String, allowsOthers: Bool) throws(TaskError) -> [LongBenchRecord] {
    let bytes: [UInt8]
    do {
      bytes = try Corpus.contents(of: path, limit: Corpus.longestText)
    } catch {
      throw .corpus(error)
    }
    var records: [LongBenchRecord] = []
    var (start, line) = (0, 0)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let text = bytes[start..<end]
      start = end + 1
      if text.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
      do throws(TaskError.RecordProblem) {
        let record = try LongBenchRecord(Array(text))
        if !allowsOthers, LongBenchSubset.named(record.dataset) == nil {
          throw .unknownSubset(record.dataset, known: LongBenchSubset.all.map(\.name))
        }
        records.append(record)
      } catch {
        throw .record(path: path, line: line, error)
      }
    }
    guard !records.isEmpty else { throw .emptyFile(path: path) }
    return records
  }

  /// Reads one line. `length`, `all_classes` and `_id` may be missing or null.
  init(_ line: [UInt8]) throws(TaskError.RecordProblem) {
    let root: JSONNode
    do {
      root = try JSONDocument(parsing: line, limits: JSONLimits(allowsNonFinite: true)).root
    } catch {
      throw .json(error)
    }
    guard root.kind == .object else { throw .notAnObject }
    func field(_ name: String) throws(TaskError.RecordProblem) -> JSONNode {
      guard let node = root[name] else { throw .missing(field: name) }
      return node
    }
    func text(_ name: String) throws(TaskError.RecordProblem) -> String {
      guard let text = try field(name).string else {
        throw .wrongType(field: name, expected: "a string")
      }
      return text
    }
    func texts(_ name: String, of node: JSONNode) throws(TaskError.RecordProblem) -> [String] {
      let texts = node.elements.compactMap(\.string)
      guard node.kind == .array, texts.count == node.elements.count else {
        throw .wrongType(field: name, expected: "an array of strings")
      }
      return texts
    }
    input = try text("input")
    context = try text("context")
    answers = try texts("answers", of: try field("answers"))
    guard !answers.isEmpty else { throw .noAnswers }
    dataset = try text("dataset")
    length = root["length"]?.int
    if let node = root["all_classes"], !node.isNull {
      classes = try texts("all_classes", of: node)
    } else {
      classes = []
    }
    id = root["_id"]?.string ?? ""
  }
}
