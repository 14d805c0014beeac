import Foundation

/// Zeroed pages straight from the system, and back to it the moment they are freed: what an allocator
/// keeps for later stays with the process.
enum PageMemory {
  /// Smaller memory shares pages, and is the allocator's business.
  static let leastBytes = 256 << 10

  /// Pages that take no memory until they are written to; `nil` where the system has none left.
  static func map(bytes: Int) -> UnsafeMutableRawPointer? {
    let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return pages == MAP_FAILED ? nil : pages
  }

  static func unmap(_ pages: UnsafeMutableRawPointer, bytes: Int) {
    // Unmapping the middle of a mapping makes two of it, which a system may have no room for.
    if munmap(pages, bytes) != 0 { _ = madvise(pages, bytes, MADV_DONTNEED) }
  }
}
