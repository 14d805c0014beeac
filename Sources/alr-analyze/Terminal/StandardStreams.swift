import Foundation
import ModelFiles

/// Standard input, output and errors, any of which whoever starts the tool may have closed.
enum StandardStreams {
  /// Puts a descriptor that can be neither read nor written as its stream would be in the place of
  /// each closed one: else the next file to be opened would get its number, and warnings would be
  /// written into it.
  static func fillClosed() {
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) == -1 {
      // Those below it being open, this is the number that it gets.
      _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Makes writing fail where the system would rather kill: at a pipe that nobody reads any more,
  /// and beyond the size that a file may have.
  static func failInsteadOfDying() {
    // Not ignored, since programs that are started would inherit that.
    for number in [SIGPIPE, SIGXFSZ] { signal(number) { _ in } }
  }

  /// Writes text to a stream, all of it.
  static func write(_ text: String, to descriptor: Int32) throws(SystemError) {
    try Array(text.utf8).withUnsafeBufferPointer { bytes throws(SystemError) in
      try FileTree.write(UnsafeRawBufferPointer(bytes), to: descriptor)
    }
  }
}
