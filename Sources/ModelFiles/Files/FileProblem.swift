/// Why a file cannot be read at all, whatever its format.
public enum FileProblem: Error, Sendable, Equatable {
  case missing
  /// A symbolic link to nothing, as a cache has it whose blobs were removed.
  case danglingLink
  /// A folder, FIFO, socket or device stands where a regular file is needed.
  case notARegularFile
  /// The system's own words: no permission, too many open files, …
  case unreadable(reason: String)
}
