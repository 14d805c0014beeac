/// Finding a key that an object holds twice, however it is spelt.
enum JSONKeyCheck {
  /// Refuses an object whose members start at tape index `members` and run to the tape's end.
  ///
  /// - Complexity: linear in the object's keys on average, 12 bytes of memory a key. The hash is
  ///   seeded at random, so that a hostile file cannot choose keys that collide.
  static func refuseDuplicates(
    bytes: UnsafeBufferPointer<UInt8>, tape: [UInt32], members: Int, seed: UInt64
  ) throws(JSONError) {
    var count = 0
    var index = members
    while index < tape.count {
      count += 1
      index = JSONTape.next(after: index + 1, bytes: bytes, tape: tape)
    }
    guard count > 1 else { return }
    let slots = UInt64(count + count / 2 + 1)
    // The high half tags the hash, the low half is the key's offset plus one; zero is a free slot.
    var table = [UInt64](repeating: 0, count: Int(slots))
    index = members
    while index < tape.count {
      let offset = Int(tape[index])
      let hash = JSONText.withUTF8(bytes, at: offset) { ByteHash.hash($0, seed: seed) }
      let tag = hash & 0xFFFF_FFFF
      var slot = Int(((hash >> 32) &* slots) >> 32)
      while table[slot] != 0 {
        if table[slot] >> 32 == tag {
          let earlier = Int(table[slot] & 0xFFFF_FFFF) - 1
          if equal(bytes, earlier, offset) {
            let key = JSONText.withUTF8(bytes, at: offset) { String(decoding: $0, as: UTF8.self) }
            throw JSONError(offset: offset, kind: .duplicateKey(key))
          }
        }
        slot += 1
        if slot == table.count { slot = 0 }
      }
      table[slot] = tag << 32 | UInt64(offset + 1)
      index = JSONTape.next(after: index + 1, bytes: bytes, tape: tape)
    }
  }

  private static func equal(
    _ bytes: UnsafeBufferPointer<UInt8>, _ first: Int, _ second: Int
  ) -> Bool {
    JSONText.withUTF8(bytes, at: first) { one in
      JSONText.withUTF8(bytes, at: second) { other in one.elementsEqual(other) }
    }
  }
}
