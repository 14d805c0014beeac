import ModelFiles

/// The output and the working memory of one encoding, used again by the next.
///
/// One encoding at a time holds it, which is why it may cross threads unchecked.
final class EncodingScratch: @unchecked Sendable {
  private(set) var ids: UnsafeMutablePointer<Int32>
  private(set) var count = 0
  private var capacity = 1 << 12
  /// Ids after which encoding may stop.
  var limit = Int.max
  let words = WordCache()
  var merging = BytePairMerging()
  var lattice: [LatticeNode] = []

  init() { ids = .allocate(capacity: capacity) }

  deinit { ids.deallocate() }

  var isFull: Bool { count >= limit }

  @inline(__always)
  func append(_ id: UInt32) {
    if count == capacity { grow(by: 1) }
    ids[count] = Int32(bitPattern: id)
    count += 1
  }

  @inline(__always)
  func append(_ source: UnsafePointer<Int32>, count added: Int) {
    if capacity - count < added { grow(by: added) }
    (ids + count).update(from: source, count: added)
    count += added
  }

  private func grow(by added: Int) {
    let larger = max(capacity * 2, count + added)
    let copy = UnsafeMutablePointer<Int32>.allocate(capacity: larger)
    copy.update(from: ids, count: count)
    ids.deallocate()
    (ids, capacity) = (copy, larger)
  }

  /// Takes the ids out and empties the output; the memory of an unusually long text is given back.
  func takeIDs() -> [Int32] {
    let taken = Array(UnsafeBufferPointer(start: ids, count: count))
    count = 0
    if capacity > 1 << 20 {
      ids.deallocate()
      capacity = 1 << 12
      ids = .allocate(capacity: capacity)
    }
    return taken
  }
}

/// Recent short words and their ids: text repeats itself, so most words are found here.
///
/// Direct-mapped, one cache line an entry; a word of at most 24 bytes that gave at most 9 ids.
final class WordCache {
  static let longestWord = 24
  static let mostIDs = 9

  struct Key {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var length = 0

    /// The word padded with zeros; `readable` bytes from `word` on belong to the text.
    @inline(__always)
    init(_ word: UnsafePointer<UInt8>, length: Int, readable: Int) {
      self.length = length
      let raw = UnsafeRawPointer(word)
      if readable >= 24 {
        first = raw.loadUnaligned(as: UInt64.self) & Self.mask(length)
        guard length > 8 else { return }
        second = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self) & Self.mask(length - 8)
        third = raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self) & Self.mask(length - 16)
      } else {
        for index in 0..<length {
          let byte = UInt64(word[index]) << UInt64(index % 8 * 8)
          switch index / 8 {
          case 0: first |= byte
          case 1: second |= byte
          default: third |= byte
          }
        }
      }
    }

    /// The low `count` bytes of a little-endian word.
    @inline(__always)
    private static func mask(_ count: Int) -> UInt64 {
      count >= 8 ? .max : count <= 0 ? 0 : (1 << UInt64(count * 8)) &- 1
    }
  }

  private static let slots = 1 << 15
  private static let stride = 64
  private let memory: UnsafeMutableRawPointer

  init() {
    memory = .allocate(byteCount: Self.slots * Self.stride, alignment: Self.stride)
    memory.initializeMemory(as: UInt64.self, repeating: 0, count: Self.slots * Self.stride / 8)
  }

  deinit { memory.deallocate() }

  @inline(__always)
  private func entry(_ key: Key) -> UnsafeMutableRawPointer {
    let hash = ByteHash.mix(
      key.first ^ ByteHash.mix(key.second ^ (key.third &* 0x9E37_79B9_7F4A_7C15)))
    return memory + (Int(truncatingIfNeeded: hash >> 20) & (Self.slots - 1)) * Self.stride
  }

  /// Appends the ids of a known word; false where it is not known.
  @inline(__always)
  func append(_ key: Key, to scratch: EncodingScratch) -> Bool {
    let entry = entry(key)
    guard entry.load(as: UInt64.self) == key.first,
      entry.load(fromByteOffset: 8, as: UInt64.self) == key.second,
      entry.load(fromByteOffset: 16, as: UInt64.self) == key.third
    else { return false }
    // The length keeps apart words that end in zero bytes; it is never 0 in a filled entry.
    let meta = entry.load(fromByteOffset: 24, as: UInt32.self)
    guard Int(meta >> 8) == key.length else { return false }
    let ids = (entry + 28).assumingMemoryBound(to: Int32.self)
    scratch.append(ids, count: Int(meta & 0xFF))
    return true
  }

  /// Remembers that the word gave the last ids of `scratch` from `start` on.
  func store(_ key: Key, idsFrom start: Int, of scratch: EncodingScratch) {
    let count = scratch.count - start
    guard count <= Self.mostIDs else { return }
    let entry = entry(key)
    entry.storeBytes(of: key.first, as: UInt64.self)
    entry.storeBytes(of: key.second, toByteOffset: 8, as: UInt64.self)
    entry.storeBytes(of: key.third, toByteOffset: 16, as: UInt64.self)
    entry.storeBytes(
      of: UInt32(truncatingIfNeeded: key.length << 8 | count), toByteOffset: 24, as: UInt32.self)
    (entry + 28).copyMemory(from: scratch.ids + start, byteCount: count * 4)
  }
}
