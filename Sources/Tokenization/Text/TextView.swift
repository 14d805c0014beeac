import ModelFiles

/// Well-formed UTF-8 with the class of each scalar at hand, as the pattern scanners walk it.
struct TextView {
  let base: UnsafePointer<UInt8>
  /// Scanners see nothing at or behind this offset.
  var end: Int
  let table: UnsafePointer<UInt16>

  init(_ bytes: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>) {
    self.base = base
    end = bytes.count
    table = UnicodeClasses.shared.table
  }

  /// The class of the scalar at `position`, which lies before the end, and where the next starts.
  @inline(__always)
  func look(_ position: Int) -> (set: UInt16, next: Int) {
    let lead = base[position]
    if lead < 0x80 { return (table[Int(lead)], position + 1) }
    let second = Int(base[position + 1] & 0x3F)
    if lead < 0xE0 { return (table[Int(lead & 0x1F) << 6 | second], position + 2) }
    let third = Int(base[position + 2] & 0x3F)
    if lead < 0xF0 { return (table[Int(lead & 0x0F) << 12 | second << 6 | third], position + 3) }
    let fourth = Int(base[position + 3] & 0x3F)
    return (
      table[Int(lead & 0x07) << 18 | second << 12 | third << 6 | fourth], position + 4
    )
  }

  /// The scalar at `position`, which lies before the end.
  func scalar(_ position: Int) -> UInt32 {
    let next = look(position).next
    var scalar = UInt32(base[position])
    if next > position + 1 { scalar &= 0x7F >> UInt32(next - position) }
    for byte in UnsafeBufferPointer(start: base + position + 1, count: next - position - 1) {
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return scalar
  }

  /// The class of the scalar at `position`; empty at the end.
  @inline(__always)
  func set(_ position: Int) -> UInt16 { position < end ? look(position).set : 0 }

  /// Where the run of scalars in `set` that starts at `position` ends.
  @inline(__always)
  func run(of set: UInt16, from position: Int) -> Int {
    var position = position
    while position < end {
      let (found, next) = look(position)
      if found & set == 0 { break }
      position = next
    }
    return position
  }

  /// Where the run of scalars outside `set` that starts at `position` ends.
  @inline(__always)
  func run(outside set: UInt16, from position: Int) -> Int {
    var position = position
    while position < end {
      let (found, next) = look(position)
      if found & set != 0 { break }
      position = next
    }
    return position
  }

  @inline(__always)
  func isNewline(_ position: Int) -> Bool {
    position < end && (base[position] == 0x0A || base[position] == 0x0D)
  }
}
