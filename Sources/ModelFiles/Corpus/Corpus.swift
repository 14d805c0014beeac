import Foundation

/// The texts of a run: files, folders of files, pipes, standard input.
///
/// A folder stands for its `.txt`, `.md` and `.jsonl` files at any depth, sorted by the bytes of
/// their paths. Each line of a `.jsonl` file is a document, its `text`; any other file is one.
public struct Corpus: Sendable {
  /// The base name of what was given, the first one's where there are several; `standard input`
  /// and `pipe` where that would be no name.
  public let name: String
  /// What is read, in order; `-` is standard input.
  public let paths: [String]
  private let isStrict: Bool

  /// Finds the files; reads none of them yet.
  ///
  /// - Parameter isStrict: whether ill-formed UTF-8 is an error rather than read as U+FFFD.
  /// - Throws: `CorpusError` where a path does not exist or a folder holds no text.
  public init(_ given: [String], isStrict: Bool = false) throws(CorpusError) {
    var paths: [String] = []
    for path in given {
      if path == "-" {
        paths.append(path)
        continue
      }
      switch PathKind(path) {
      case .missing: throw .file(path: path, .missing)
      case .danglingLink: throw .file(path: path, .danglingLink)
      case .folder: paths += try Self.files(in: path)
      case .file, .other: paths.append(path)
      }
    }
    guard let first = given.first else { throw .empty }
    self.paths = paths
    name = Self.name(of: first)
    self.isStrict = isStrict
  }

  /// `-` and the numbers of descriptors, as in `<(zcat texts.gz)`, tell a reader nothing.
  private static func name(of path: String) -> String {
    if ["-", "/dev/stdin", "/dev/fd/0"].contains(path) { return "standard input" }
    let isDescriptor = path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/")
    return isDescriptor ? "pipe" : FilePath(path).lastComponent
  }

  private static func files(in folder: String) throws(CorpusError) -> [String] {
    var found: [String] = []
    let names = FileManager.default.enumerator(atPath: folder)
    while let name = names?.nextObject() as? String {
      let path = FilePath(folder) / name
      let isText = ["txt", "md", "jsonl"].contains(path.lowercasedExtension)
      if isText, path.kind == .file { found.append(path.description) }
    }
    guard !found.isEmpty else { throw .noTextFiles(folder: folder) }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// What reading came upon.
  public struct Summary: Sendable, Equatable {
    public var documents = 0
    /// Ill-formed parts that were read as U+FFFD.
    public var replacements = 0
  }

  /// Visits the documents in order, as well-formed UTF-8, until `body` returns false.
  ///
  /// Files are mapped, not copied, so what is not visited is not read.
  /// - Throws: `CorpusError`, `.notText` for a file of bytes that are no text among them.
  @discardableResult
  public func forEachDocument(
    _ body: (UnsafeBufferPointer<UInt8>) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Summary {
    var summary = Summary()
    for path in paths {
      let more = try Self.withContents(of: path) { bytes throws(CorpusError) in
        FilePath(path).lowercasedExtension == "jsonl"
          ? try visitLines(bytes, path: path, &summary, body)
          : try visit(bytes, path: path, &summary, body)
      }
      if !more { break }
    }
    return summary
  }

  private func visit(
    _ bytes: UnsafeBufferPointer<UInt8>, path: String, _ summary: inout Summary,
    _ body: (UnsafeBufferPointer<UInt8>) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    summary.documents += 1
    if let start = bytes.baseAddress, memchr(start, 0, bytes.count) != nil {
      throw .notText(path: path, holdsNUL: true)
    }
    guard let bad = UTF8Scan.firstIllFormed(bytes) else { return try body(bytes) }
    if isStrict { throw .invalidUTF8(path: path, offset: bad) }
    guard let (text, replacements) = UTF8Scan.repaired(bytes) else { return try body(bytes) }
    let characters = text.reduce(0) { $0 + (UTF8Scan.isContinuation($1) ? 0 : 1) }
    if replacements > characters / 2 { throw .notText(path: path, holdsNUL: false) }
    summary.replacements += replacements
    return try Self.withBuffer(text, body)
  }

  private func visitLines(
    _ bytes: UnsafeBufferPointer<UInt8>, path: String, _ summary: inout Summary,
    _ body: (UnsafeBufferPointer<UInt8>) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    var number = 0
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      start = end + 1
      if line.allSatisfy(JSONText.isWhitespace) { continue }
      var repaired = [UInt8](line)
      if let bad = UTF8Scan.firstIllFormed(line) {
        if isStrict { throw .invalidUTF8(path: path, offset: end - line.count + bad) }
        if let (text, replacements) = UTF8Scan.repaired(line) {
          repaired = text
          summary.replacements += replacements
        }
      }
      let document: JSONDocument
      do throws(JSONError) {
        document = try JSONDocument(parsing: repaired)
      } catch {
        throw .json(path: path, line: number, error)
      }
      guard let text = document.root["text"]?.utf8 else {
        throw .missingText(path: path, line: number)
      }
      summary.documents += 1
      guard try Self.withBuffer(text, body) else { return false }
    }
    return true
  }

  private static func withBuffer(
    _ text: [UInt8], _ body: (UnsafeBufferPointer<UInt8>) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    try text.withUnsafeBufferPointer { buffer in
      Result { () throws(CorpusError) in try body(buffer) }
    }.get()
  }

  /// All bytes of a file, a pipe or, as `-`, standard input.
  ///
  /// - Throws: `CorpusError.file`.
  public static func contents(of path: String) throws(CorpusError) -> [UInt8] {
    var contents: [UInt8] = []
    try withContents(of: path) { bytes in
      contents = Array(bytes)
      return true
    }
    return contents
  }

  @discardableResult
  static func withContents(
    of path: String, _ body: (UnsafeBufferPointer<UInt8>) throws(CorpusError) -> Bool
  ) throws(CorpusError) -> Bool {
    if path != "-", PathKind(path) != .other {
      let file: MappedFile
      do throws(FileProblem) {
        file = try MappedFile(path)
      } catch {
        throw .file(path: path, error)
      }
      return try file.withBytes { bytes throws(CorpusError) in
        try body(bytes.bindMemory(to: UInt8.self))
      }
    }
    let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
    guard let handle else { throw .file(path: path, .unreadable(reason: "cannot be opened")) }
    let data: Data
    do {
      data = try handle.readToEnd() ?? Data()
    } catch {
      throw .file(path: path, .unreadable(reason: Self.reason(error)))
    }
    return try withBuffer([UInt8](data), body)
  }

  /// What the system says: Foundation words some of its errors by number alone.
  private static func reason(_ error: any Error) -> String {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    guard cause.domain == NSPOSIXErrorDomain, let code = Int32(exactly: cause.code) else {
      return error.localizedDescription
    }
    return String(cString: strerror(code))
  }
}
