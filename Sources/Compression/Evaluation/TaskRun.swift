import AttentionAnalysis
import Inference
import ModelFiles
import Results
import Tokenization

/// A task's questions, each answered in every setting of a grid (the paper's Figs. 4 and 11 to 18).
public struct TaskRun {
  public let task: any EvaluationTask
  public let items: [TaskItem]
  public let settings: [EvaluationSetting]
  public let rules: [CompressionRule]
  public let encoder: PromptEncoder
  /// Tokens that end an answer.
  public let ends: Set<Int32>
  /// Whether caches are also pruned while an answer grows.
  public let prunesWhileDecoding: Bool

  public init(
    task: any EvaluationTask, items: [TaskItem], settings: [EvaluationSetting],
    rules: [CompressionRule], encoder: PromptEncoder, ends: Set<Int32>,
    prunesWhileDecoding: Bool = false
  ) {
    precondition(settings.count == rules.count, "a rule for each setting")
    self.task = task
    self.items = items
    self.settings = settings
    self.rules = rules
    self.encoder = encoder
    self.ends = ends
    self.prunesWhileDecoding = prunesWhileDecoding
  }

  /// Answers in all.
  public var answerCount: Int { items.count * settings.count }

  /// Answers every question that the journal has no answer to.
  ///
  /// A prompt is read once for all settings, and what they generate goes through the layers
  /// together.
  ///
  /// - Parameters:
  ///   - cacheBytes: that the caches of one prompt's settings may take together.
  ///   - progress: called with answers that are done since it was last called.
  /// - Throws: `AnalysisRun.Cancelled`, `InferenceError`, `ChatError`, `ResultsFolderError`.
  public func answer(
    into journal: EvaluationJournal, with pass: ForwardPass, workspace: PassWorkspace,
    cacheBytes: Int, progress: (Int) -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws {
    for item in items {
      let open = settings.indices.filter { journal.answers[key(item, $0)] == nil }
      progress(settings.count - open.count)
      if open.isEmpty { continue }
      let prompt = try encoder.ids(of: item)
      // Nothing can be asked that has no tokens.
      if prompt.isEmpty { continue }
      let length = prompt.count + item.maxNewTokens
      let perBranch = pass.memory(length: length, recordedRows: 0, cache: .kept).attentionPerChunk
      let together = max(1, cacheBytes / max(1, perBranch))
      for first in stride(from: 0, to: open.count, by: together) {
        let branches = Array(open[first..<min(first + together, open.count)])
        let decoding = try Decoding(
          prompt: prompt, rules: branches.map { rules[$0] }, newTokens: item.maxNewTokens,
          pass: pass, workspace: workspace, prunesWhileDecoding: prunesWhileDecoding,
          isCancelled: isCancelled)
        let answers = try decoding.finish(
          limit: item.maxNewTokens, ends: ends, isCancelled: isCancelled)
        for (setting, ids) in zip(branches, answers) {
          let response = TaskResponse(generated: ids, ends: ends, tokenizer: encoder.tokenizer)
          try journal.append(
            .init(
              key: key(item, setting), response: response.text,
              scores: task.scores(of: response, to: item).map { ($0.name, $0.value) }))
        }
        progress(branches.count)
      }
    }
  }

  private func key(_ item: TaskItem, _ setting: Int) -> String {
    "\(item.id) \(settings[setting].key)"
  }

  /// Means of the journal's answers by setting and by the coordinates that are the task's axes.
  public func cells(_ journal: EvaluationJournal) -> [Evaluation.Cell] {
    let axes = type(of: task).axes
    let places = items.map { item in
      axes.compactMap { axis in item.coordinates.first { $0.key == axis } }
    }
    var order: [[JSONValue.Member]] = []
    for place in places where !order.contains(place) { order.append(place) }
    return settings.indices.flatMap { setting in
      order.compactMap { place in
        let answers = items.indices.filter { places[$0] == place }
          .compactMap { journal.answers[key(items[$0], setting)] }
        return answers.isEmpty
          ? nil
          : Evaluation.Cell(
            setting: setting, coordinates: place.compactMap(Evaluation.Coordinate.init),
            count: answers.count, scores: scores(of: answers))
      }
    }
  }

  /// The task's main score as `score` or, where it is one, `accuracy`; and the others as they are
  /// called.
  private func scores(of answers: [EvaluationJournal.Answer]) -> [Evaluation.Score] {
    type(of: task).tableScores.map { name, sources, most in
      Evaluation.Score(
        name,
        over: answers.compactMap { answer in
          sources.lazy.compactMap { source in answer.scores.first { $0.name == source }?.value }
            .first.map { $0 / most }
        })
    }
  }
}

extension EvaluationTask {
  /// What tables show: a name, the scores of an answer of which the first that it has counts, and
  /// what they are divided by.
  static var tableScores: [(name: String, sources: [String], divisor: Double)] {
    switch name {
    case Passkey.name: [("accuracy", ["accuracy"], 1), ("spoken", ["spoken"], 1)]
    case Needle.name: [("score", ["recall"], 1), ("rouge_1", ["rouge_1"], 1)]
    // Its metric goes by the subset; of 100, as the benchmark has it.
    case LongBench.name: [("score", ["f1", "rouge_l"], 1)]
    case Ruler.name: [("score", ["match"], 100)]
    default: scores.map { ($0.name, [$0.name], 1) }
    }
  }
}

extension Evaluation.Coordinate {
  init?(_ member: JSONValue.Member) {
    switch member.value {
    case .int(let number): self.init(name: member.key, value: .number(Double(number)))
    case .double(let number?): self.init(name: member.key, value: .number(number))
    case .string(let text): self.init(name: member.key, value: .name(text))
    default: return nil
    }
  }
}
