import Foundation

/// Stands in for the library's `MappedFile` in fuzzed builds: the file in heap memory of exactly
/// its length, so that AddressSanitizer sees a read one byte past its end. Behind a map the rest of
/// the last page would hide it.
public final class MappedFile: Sendable {
  public let path: String
  public let count: Int
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer?

  public init(_ path: String) throws(FileProblem) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .missing : .unreadable(reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let size = Int(exactly: status.st_size)
    else { throw .notARegularFile }
    self.path = path
    count = size
    base = size > 0 ? malloc(size) : nil
    var filled = 0
    while let base, filled < size {
      let got = read(descriptor, base + filled, size - filled)
      guard got > 0 else { throw .unreadable(reason: "cut off while it was read") }
      filled += got
    }
  }

  deinit { free(base) }

  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  public enum Advice: Sendable {
    case sequential, willNeed, dontNeed
  }

  public func advise(_ advice: Advice, _ range: Range<Int>) {}
}
