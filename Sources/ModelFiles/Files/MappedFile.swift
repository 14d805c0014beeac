import Foundation

/// A regular file, mapped read-only.
///
/// Pages are read when they are first touched, so opening a checkpoint larger than memory costs
/// nothing. Anything but a regular file is refused: a FIFO would block for ever.
public final class MappedFile: Sendable {
  public let path: String
  /// Length in bytes.
  public let count: Int
  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// Maps the whole file at `path`; symbolic links are followed.
  public init(_ path: String) throws(FileProblem) {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer before its kind can be asked.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.problem(errno, path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.problem(errno, path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile }
    guard let count = Int(exactly: status.st_size) else {
      throw .unreadable(reason: "too large for this system")
    }
    self.path = path
    self.count = count
    guard count > 0 else {
      base = nil
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      address != MAP_FAILED
    else { throw Self.problem(errno, path) }
    base = UnsafeRawPointer(address)
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Calls `body` with the bytes of the file, which must not escape it.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// How a range of the file is about to be used.
  public enum Advice: Sendable {
    /// Read from front to back: read ahead generously.
    case sequential
    /// Needed soon: start reading now, without waiting.
    case willNeed
    /// Not needed any more: its memory may be given back.
    case dontNeed
  }

  /// Tells the system how the bytes of `range` will be used; results never depend on it.
  public func advise(_ advice: Advice, _ range: Range<Int>) {
    guard let base else { return }
    let page = Int(getpagesize())
    var range = range.clamped(to: 0..<count)
    let code: Int32
    switch advice {
    case .sequential:
      code = MADV_SEQUENTIAL
    case .willNeed:
      code = MADV_WILLNEED
    case .dontNeed:
      // Pages shared with a neighbour stay: it may still be in use.
      code = MADV_DONTNEED
      let end = range.upperBound == count ? count : range.upperBound / page * page
      let start = (range.lowerBound + page - 1) / page * page
      range = start..<max(start, end)
    }
    guard !range.isEmpty else { return }
    let start = range.lowerBound / page * page
    _ = madvise(
      UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, code)
  }

  private static func problem(_ code: Int32, _ path: String) -> FileProblem {
    switch code {
    case ENOENT, ENOTDIR: PathKind(path) == .danglingLink ? .danglingLink : .missing
    default: .unreadable(reason: String(cString: strerror(code)))
    }
  }
}
