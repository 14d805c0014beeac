import Foundation
import ModelFiles

/// Bytes that come one after another, in as little memory as the reader brings.
protocol ByteReader: AnyObject {
  /// Fills `buffer` as far as there are bytes; fewer, or 0, only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int
}

/// The bytes of a file, a pipe or standard input, read and not mapped: a file that is cut short
/// while it is read gives an error, where a mapped one would end the process.
///
/// Reading waits for a pipe's writer, and asks now and then whether the user wants to stop.
final class ByteStream: ByteReader {
  private let path: String
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let isRegular: Bool
  /// What a regular file had when it was opened; what is appended later is not read.
  private let size: Int64
  private var left: Int64
  private let isCancelled: @Sendable () -> Bool

  /// - Parameter path: `-` is standard input.
  /// - Throws: `CorpusError.file`, and `.special` for devices and sockets.
  init(
    _ path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(CorpusError) {
    self.path = path
    self.isCancelled = isCancelled
    let isInput = path == "-"
    // Without O_NONBLOCK, opening a pipe would wait for a writer and could not be interrupted.
    let opened = isInput ? STDIN_FILENO : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { throw Self.refusal(to: path, errno) }
    var status = stat()
    let isKnown = fstat(opened, &status) == 0
    let kind = isKnown ? SpecialFile(status, isInherited: isInput, opened) : nil
    let code = errno
    if !isKnown || kind != nil {
      if !isInput { close(opened) }
      throw kind.map { .special(path: path, $0) } ?? Self.refusal(to: path, code)
    }
    descriptor = opened
    ownsDescriptor = !isInput
    isRegular = status.st_mode & S_IFMT == S_IFREG
    size = Int64(status.st_size)
    // Files that the system makes up, as under /proc, have no size and end where they end.
    let start = isRegular ? max(0, Int64(lseek(opened, 0, SEEK_CUR))) : 0
    left = isRegular && size > 0 ? max(0, size - start) : .max
  }

  deinit {
    if ownsDescriptor { close(descriptor) }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var count = 0
    while count < buffer.count, left > 0 {
      try waitForBytes()
      let wanted = Int(min(Int64(buffer.count - count), left))
      let got = Foundation.read(descriptor, base + count, wanted)
      if got < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw .file(path: path, .unreadable(reason: String(cString: strerror(errno))))
      }
      if got == 0 {
        try checkSize()
        left = 0
      } else {
        count += got
        if left != .max { left -= Int64(got) }
      }
    }
    return count
  }

  private func waitForBytes() throws(CorpusError) {
    while true {
      if isCancelled() { throw .interrupted }
      if isRegular { return }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, 200)
      // A signal may end the wait before anyone is asked to stop; a read would then find no writer,
      // and take that for the end.
      if ready > 0 || ready < 0 && errno != EINTR { return }
    }
  }

  private func checkSize() throws(CorpusError) {
    var status = stat()
    if isRegular, fstat(descriptor, &status) == 0, Int64(status.st_size) < size {
      throw .cutShort(path: path)
    }
  }

  private static func refusal(to path: String, _ code: Int32) -> CorpusError {
    if let kind = SpecialFile(path) { return .special(path: path, kind) }
    switch code {
    case ENOENT, ENOTDIR:
      return .file(path: path, PathKind(path) == .danglingLink ? .danglingLink : .missing)
    default: return .file(path: path, .unreadable(reason: String(cString: strerror(code))))
    }
  }
}

/// What is neither a file nor a pipe, and so no corpus.
public enum SpecialFile: String, Sendable, Equatable {
  case device = "a device"
  case socket = "a socket"
  case folder = "a folder"

  /// `nil` for what can be read.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status, isInherited: false, -1)
  }

  /// Terminals can be typed at, the null device ends at once, and a socket that the tool was
  /// started with is what some programs use for a pipe.
  fileprivate init?(_ status: stat, isInherited: Bool, _ descriptor: Int32) {
    switch status.st_mode & S_IFMT {
    case S_IFREG, S_IFIFO: return nil
    case S_IFDIR: self = .folder
    case S_IFSOCK:
      if isInherited { return nil }
      self = .socket
    default:
      var null = stat()
      let isNull = stat("/dev/null", &null) == 0 && null.st_rdev == status.st_rdev
      if isNull || descriptor >= 0 && isatty(descriptor) == 1 { return nil }
      self = .device
    }
  }
}
