/// What compression does to a model, measured in every setting of a grid: the contents of
/// `lm.json`, `passkey.json`, ….
public struct Evaluation: Sendable, Equatable {
  /// What is measured, as `evaluate` spells it.
  public enum Kind: String, Sendable, CaseIterable {
    case lm, passkey, needle, longbench, ruler

    /// The file that holds it, and that comes last when a folder is written.
    public var fileName: String { "\(rawValue).json" }

    /// What is measured, in words.
    public var title: String {
      switch self {
      case .lm: "Language modelling"
      case .passkey: "Passkey retrieval"
      case .needle: "Needle in a haystack"
      case .longbench: "LongBench"
      case .ruler: "RULER"
      }
    }
  }

  /// A mean over the chunks or answers of a cell.
  public struct Score: Sendable, Equatable {
    /// For example `perplexity`, `accuracy`, `f1`.
    public var name: String
    /// `nil` where it is undefined.
    public var mean: Double?
    /// Sample standard deviation; `nil` below two values.
    public var deviation: Double?
    /// Standard error of the mean; `nil` below two values.
    public var error: Double?

    public init(name: String, mean: Double?, deviation: Double?, error: Double?) {
      self.name = name
      self.mean = mean
      self.deviation = deviation
      self.error = error
    }
  }

  /// A place of a cell beside its setting, such as length 1000 or subset `qasper`.
  public struct Coordinate: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
      case number(Double)
      case name(String)
    }

    public var name: String
    public var value: Value

    public init(name: String, value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// One setting at one place of the grid.
  public struct Cell: Sendable, Equatable {
    /// Index among `settings`.
    public var setting: Int
    /// The same names in the same order in all cells.
    public var coordinates: [Coordinate]
    /// Chunks or answers.
    public var count: Int
    /// The same names in the same order in all cells.
    public var scores: [Score]

    public init(setting: Int, coordinates: [Coordinate], count: Int, scores: [Score]) {
      self.setting = setting
      self.coordinates = coordinates
      self.count = count
      self.scores = scores
    }

    /// The score called `name`.
    public func score(_ name: String) -> Score? { scores.first { $0.name == name } }

    /// The coordinate called `name`.
    public func coordinate(_ name: String) -> Coordinate.Value? {
      coordinates.first { $0.name == name }?.value
    }
  }

  /// A fact that decides numbers, as `protocol` lists it.
  public struct Fact: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public var kind: Kind
  /// Name and version of the tool.
  public var tool: String
  public var model: ModelSummary
  /// The text that was read; `nil` where tasks make their own.
  public var corpus: CorpusSummary?
  /// Everything that decides numbers beside model, corpus and settings.
  public var protocolFacts: [Fact]
  public var settings: [EvaluationSetting]
  /// By setting, then by coordinates.
  public var cells: [Cell]
  /// Settings against one another; of `lm` alone, where they were asked for.
  public var comparisons: [Comparison]
  /// Likelihoods of tokens; of `lm` alone.
  public var tokens: TokenArrays?

  public init(
    kind: Kind, tool: String, model: ModelSummary, corpus: CorpusSummary?, protocolFacts: [Fact],
    settings: [EvaluationSetting], cells: [Cell], comparisons: [Comparison] = [],
    tokens: TokenArrays? = nil
  ) {
    self.kind = kind
    self.tool = tool
    self.model = model
    self.corpus = corpus
    self.protocolFacts = protocolFacts
    self.settings = settings
    self.cells = cells
    self.comparisons = comparisons
    self.tokens = tokens
  }

  /// Each next token of every chunk in every setting: `tokens.npz`.
  public struct TokenArrays: Sendable, Equatable {
    public var settings: Int
    public var chunks: Int
    /// Next tokens of a chunk: its length less one.
    public var positions: Int
    /// Negative log likelihoods, (settings, chunks, positions).
    public var nll: [Double]
    /// 1 where the token had the highest logit, (settings, chunks, positions).
    public var correct: [Double]

    public init(settings: Int, chunks: Int, positions: Int, nll: [Double], correct: [Double]) {
      precondition(
        nll.count == settings * chunks * positions && correct.count == nll.count,
        "a value for each token")
      self.settings = settings
      self.chunks = chunks
      self.positions = positions
      self.nll = nll
      self.correct = correct
    }

    /// One chunk's row of `nll` or `correct`.
    public func row(
      _ array: KeyPath<TokenArrays, [Double]>, setting: Int, chunk: Int
    ) -> ArraySlice<Double> {
      let first = (setting * chunks + chunk) * positions
      return self[keyPath: array][first..<first + positions]
    }
  }
}
