import Foundation

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
}
