import Foundation

/// A file that grows a piece at a time, each piece on its way to the disk when `append` returns.
public final class AppendingFile {
  private let descriptor: Int32

  /// Opens the file at `path`, or makes it, and cuts it to its first `length` bytes; the folder
  /// around it is there.
  public init(_ path: FilePath, keeping length: Int) throws(SystemError) {
    descriptor = open(path.description, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw .last }
    if ftruncate(descriptor, off_t(length)) != 0 || lseek(descriptor, 0, SEEK_END) < 0 {
      throw .last
    }
  }

  deinit { close(descriptor) }

  public func append(_ bytes: [UInt8]) throws(SystemError) {
    try bytes.withUnsafeBufferPointer { bytes throws(SystemError) in
      try FileTree.write(UnsafeRawBufferPointer(bytes), to: descriptor)
    }
  }
}
