import ModelFiles

/// The texts of a run: files, folders of files, pipes, standard input.
///
/// A folder stands for its text files as `CorpusWalk` finds them. Each record of JSON lines is a
/// document; any other file is one. Files are read as far as documents are visited, in memory that
/// does not grow with them.
public struct Corpus: Sendable {
  /// How files are read.
  public struct Options: Sendable, Equatable {
    public var format: CorpusFormat
    /// The member of a JSON record that holds its text.
    public var textField: String
    /// Whether ill-formed UTF-8 is an error rather than read as U+FFFD.
    public var isStrict: Bool

    public init(
      format: CorpusFormat = .auto, textField: String = Corpus.usualTextField,
      isStrict: Bool = false
    ) {
      self.format = format
      self.textField = textField
      self.isStrict = isStrict
    }
  }

  /// The member that holds a record's text where nobody says.
  public static let usualTextField = "text"
  /// Where chats have theirs, which is looked at where nobody says and there is no other.
  public static let messagesField = "messages"
  /// Bytes of the longest record, and of the longest document of a tokenizer that can cut none.
  public static let longestRecord = 1 << 25
  /// Bytes at most of a text that is kept as a whole, and its ids with it.
  public static let longestText = 1 << 30
  /// Bytes without a place to cut of a document whose tokenizer can cut: no text has as many.
  public static let longestStretch = 1 << 22

  /// The base name of what was given, the first one's where there are several; `standard input`
  /// and `pipe` where that would be no name.
  public let name: String
  /// The files to be read, in order; `-` is standard input.
  public let paths: [String]
  /// Files that were found and are not read.
  public let leftOut: LeftOut
  /// Whether more was given than one file.
  public let isCollection: Bool
  private let options: Options
  private let isCancelled: @Sendable () -> Bool

  /// Finds the files; reads none of them yet.
  ///
  /// - Parameter isCancelled: whether the user wants to stop; asked while reading.
  /// - Throws: `CorpusError` where a path does not exist or a folder holds no text.
  public init(
    _ given: [String], options: Options = Options(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CorpusError) {
    try self.init(given, options: options, folders: .system, isCancelled: isCancelled)
  }

  init(
    _ given: [String], options: Options = Options(), folders: FolderReading,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CorpusError) {
    guard let first = given.first else { throw .empty }
    var walk = CorpusWalk(folders: folders)
    for path in given { try walk.add(path) }
    paths = walk.paths
    leftOut = walk.leftOut
    isCollection = walk.isCollection
    name = Self.name(of: first)
    self.options = options
    self.isCancelled = isCancelled
  }

  /// `-` and the numbers of descriptors, as in `<(zcat texts.gz)`, tell a reader nothing.
  static func name(of path: String) -> String {
    if ["-", "/dev/stdin", "/dev/fd/0"].contains(path) { return "standard input" }
    let isDescriptor = path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/")
    return isDescriptor ? "pipe" : FilePath(path).lastComponent
  }

  /// A path as messages name it: `-` alone looks like a slip.
  static func shownPath(_ path: String) -> String { path == "-" ? "standard input" : path }

  /// What reading came upon.
  public struct Summary: Sendable, Equatable {
    /// Files that were read, in part at least.
    public var files = 0
    public var documents = 0
    /// Ill-formed parts that were read as U+FFFD.
    public var replacements = 0
    /// Records with a place for a text and nothing in it.
    public var withoutText = 0
    /// Base names of what was recognised as JSON by its content alone.
    public var recognised: [String] = []

    public init() {}
  }

  /// The text of all documents, `separator` between two: for short texts.
  ///
  /// - Throws: `CorpusError`, `.notText` for a file of bytes that are no text among them.
  public func text(separator: String = "\n") throws(CorpusError) -> String {
    var bytes: [UInt8] = []
    var isBetween = false
    try forEachPart { part throws(CorpusError) in
      switch part {
      case .text(let text, _):
        if isBetween { bytes += separator.utf8 }
        isBetween = false
        bytes += text
      case .end: isBetween = true
      }
      return true
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Visits the documents in order, part by part, until `body` returns false.
  ///
  /// - Throws: `CorpusError`, `.notText` for a file of bytes that are no text among them.
  @discardableResult
  func forEachPart(_ body: DocumentVisitor) throws(CorpusError) -> Summary {
    var summary = Summary()
    for path in paths {
      let source = try TextSource(path, isCancelled: isCancelled)
      summary.files += 1
      let layout = try DocumentLayout(
        of: source, format: options.format, field: options.textField)
      let more: Bool
      if layout == .text {
        var reader = TextReader(source: source, isStrict: options.isStrict)
        more = try reader.visit(&summary, body)
      } else {
        if options.format == .auto, !DocumentLayout.isNamed(path) {
          summary.recognised.append(Self.name(of: path))
        }
        more = try RecordReader(source: source, options: options).forEach(layout, &summary, body)
      }
      if !more { break }
    }
    return summary
  }

  /// Visits the documents of a corpus of token ids in order, a line that holds any each, until
  /// `body` returns false.
  @discardableResult
  func forEachIDPart(
    vocabularySize: Int, _ body: (IDPart) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Summary {
    var summary = Summary()
    for path in paths {
      var reader = TokenIDReader(
        source: try TextSource(path, isCancelled: isCancelled), vocabularySize: vocabularySize)
      summary.files += 1
      var holdsAny = false
      let more = try reader.forEachPart { part throws(CorpusError) in
        switch part {
        case .ids:
          if !holdsAny { summary.documents += 1 }
          holdsAny = true
        case .end:
          if !holdsAny { return true }
          holdsAny = false
        }
        return try body(part)
      }
      if !more { break }
    }
    return summary
  }

  /// All bytes of a file, a pipe or, as `-`, standard input, unpacked where they are gzip.
  ///
  /// - Parameters:
  ///   - limit: bytes beyond which it is refused.
  ///   - isCancelled: whether the user wants to stop.
  /// - Throws: `CorpusError.file` and others.
  public static func contents(
    of path: String, limit: Int, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CorpusError) -> [UInt8] {
    try TextSource(path, isCancelled: isCancelled).all(limit: limit)
  }
}

/// A piece of a corpus on its way to a tokenizer.
enum DocumentPart {
  /// What comes next of the document that is being read: well-formed, and whole characters.
  case text(UnsafeBufferPointer<UInt8>, of: String)
  case end
}

/// Takes the next part; false where no more is needed.
typealias DocumentVisitor = (DocumentPart) throws(CorpusError) -> Bool
