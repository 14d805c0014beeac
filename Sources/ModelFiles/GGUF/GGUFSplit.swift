/// The place of a file among the parts of a split GGUF, as its name tells it.
///
/// `llama-00002-of-00005.gguf` is part 2 of 5; the metadata count from 0 and must agree.
struct GGUFSplit {
  /// The name without `-00002-of-00005.gguf`.
  let stem: String
  /// Counted from 1.
  let part: Int
  let count: Int

  /// The parts of `name`; `nil` where it is no part of a split file.
  init?(_ name: String) {
    let fields = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard name.hasSuffix(".gguf"), fields.count >= 4,
      fields[fields.count - 2].elementsEqual("of".utf8),
      let part = Self.number(fields[fields.count - 3]),
      let count = Self.number(fields[fields.count - 1].dropLast(".gguf".utf8.count)),
      count > 0, (1...count).contains(part)
    else { return nil }
    stem = String(name.dropLast("-00001-of-00001.gguf".count))
    self.part = part
    self.count = count
  }

  private static func number(_ digits: Substring.UTF8View) -> Int? {
    let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    return digits.count == 5 && digits.allSatisfy(isDigit) ? Int(Substring(digits)) : nil
  }

  /// The file name of part `part`, counted from 1.
  func name(ofPart part: Int) -> String {
    "\(stem)-\(Self.fiveDigits(part))-of-\(Self.fiveDigits(count)).gguf"
  }

  /// Holds the metadata of part `part` against its name.
  func check(_ metadata: GGUFMetadata, part: Int) throws(GGUFProblem) {
    let number = metadata.unsigned("split.no")
    guard number == part - 1 else {
      throw .splitField(key: "split.no", found: number, needed: part - 1)
    }
    let declared = metadata.unsigned("split.count")
    guard declared == count else {
      throw .splitField(key: "split.count", found: declared, needed: count)
    }
  }

  /// A count as the names of parts write it.
  static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
