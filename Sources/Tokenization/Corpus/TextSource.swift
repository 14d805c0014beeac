import ModelFiles

/// The text bytes of a file, a pipe or standard input, window by window, unpacked where they are
/// gzip.
///
/// Windows are full but for the last, whatever pieces a pipe gives, so that nothing that is counted
/// on the way depends on its writer.
final class TextSource {
  static let windowSize = 1 << 16

  let path: String
  private let reader: any ByteReader
  private var waiting: [UInt8]?

  /// - Throws: `CorpusError`, `.foreign` for what is recognised as something else than UTF-8 text.
  init(
    _ path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CorpusError) {
    self.path = path
    var reader: any ByteReader = try ByteStream(path, isCancelled: isCancelled)
    var head = try Self.window(of: reader)
    if head.starts(with: Gunzip.magic) {
      reader = try Gunzip(ByteReplay(head, then: reader), path: path)
      head = try Self.window(of: reader)
    }
    self.reader = reader
    waiting = head
    if let format = ForeignFormat(head) { throw .foreign(path: path, format) }
  }

  /// The next bytes; `nil` at the end.
  func next() throws(CorpusError) -> [UInt8]? {
    if let window = waiting, !window.isEmpty {
      waiting = nil
      return window
    }
    let window = try Self.window(of: reader)
    return window.isEmpty ? nil : window
  }

  /// Gives back bytes that were taken to be looked at.
  func putBack(_ bytes: [UInt8]) { waiting = bytes + (waiting ?? []) }

  /// - Parameter limit: bytes beyond which a text is refused.
  func all(limit: Int) throws(CorpusError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let window = try next() {
      guard bytes.count + window.count <= limit else { throw .tooLong(path: path, limit: limit) }
      bytes += window
    }
    return bytes
  }

  private static func window(of reader: any ByteReader) throws(CorpusError) -> [UInt8] {
    var failure: CorpusError?
    let window = [UInt8](unsafeUninitializedCapacity: windowSize) { buffer, count in
      do throws(CorpusError) {
        count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return window
  }
}

/// Bytes that were read already, and then those that follow.
private final class ByteReplay: ByteReader {
  private var head: [UInt8]
  private let rest: any ByteReader

  init(_ head: [UInt8], then rest: any ByteReader) {
    self.head = head
    self.rest = rest
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
    guard !head.isEmpty else { return try rest.read(into: buffer) }
    let count = min(head.count, buffer.count)
    buffer.copyBytes(from: head[..<count])
    head.removeFirst(count)
    let left = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
    return left.isEmpty ? count : count + (try rest.read(into: left))
  }
}
