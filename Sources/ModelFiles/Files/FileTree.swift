import Foundation

/// What the system says of a call that failed.
public struct SystemError: Error, Sendable, Equatable {
  /// `errno`.
  public let code: Int32

  public init(code: Int32) { self.code = code }

  /// The one of the last call that failed on this thread.
  public static var last: SystemError { SystemError(code: errno) }

  /// The system's own words.
  public var reason: String { String(cString: strerror(code)) }
}

/// Files and folders made, moved and removed by the system's own calls, which take a path as it is.
public enum FileTree {
  /// Removes a file, a link, or a folder with all that it holds; says nothing where that fails.
  public static func remove(_ path: FilePath) {
    if unlink(path.description) == 0 { return }
    var status = stat()
    guard lstat(path.description, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    for name in path.entries { remove(path / name) }
    rmdir(path.description)
  }

  public static func makeFolder(_ path: FilePath) throws(SystemError) {
    if mkdir(path.description, 0o777) != 0 { throw .last }
  }

  /// Makes the folders of `name`'s path in `folder`, which exists; `name` itself is none of them.
  public static func makeFolders(of name: String, in folder: FilePath) throws(SystemError) {
    var place = folder
    for component in name.split(separator: "/").dropLast() {
      place = place / String(component)
      do throws(SystemError) {
        try makeFolder(place)
      } catch {
        guard error.code == EEXIST else { throw error }
        // One that is there may be a link to a folder.
        if place.kind != .folder { throw SystemError(code: ENOTDIR) }
      }
    }
  }

  public static func rename(_ from: FilePath, _ to: FilePath) throws(SystemError) {
    if Foundation.rename(from.description, to.description) != 0 { throw .last }
  }

  /// Makes a file, which must not be there yet, in `folder` of unfinished ones.
  public static func write(
    _ bytes: [UInt8], to path: FilePath, unfinishedIn folder: FilePath
  ) throws(SystemError) {
    let descriptor = try UnfinishedFiles.step(folder) { () throws(SystemError) in
      let descriptor = open(path.description, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor < 0 { throw SystemError.last }
      return descriptor
    }
    var failure: SystemError?
    do throws(SystemError) {
      // In pieces, so that an interruption does not wait for the whole.
      for start in stride(from: 0, to: bytes.count, by: pieceLength) {
        let piece = bytes[start..<min(start + pieceLength, bytes.count)]
        try UnfinishedFiles.step(folder) { () throws(SystemError) in
          try piece.withUnsafeBufferPointer { bytes throws(SystemError) in
            try write(UnsafeRawBufferPointer(bytes), to: descriptor)
          }
        }
      }
    } catch {
      failure = error
    }
    // Some file systems say only now that they are full.
    if close(descriptor) != 0, errno != EINTR { failure = failure ?? .last }
    if let failure { throw failure }
  }

  private static let pieceLength = 1 << 22

  /// Writes all of `bytes` to an open file, pipe or terminal.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      } else if errno == EAGAIN {
        // Whoever reads a pipe may have set it so that nothing waits.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        throw .last
      }
    }
  }
}
