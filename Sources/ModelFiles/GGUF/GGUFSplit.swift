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
    let pattern = /(.*)-([0-9]{5})-of-([0-9]{5})\.gguf/
    guard let match = name.wholeMatch(of: pattern), let part = Int(match.2),
      let count = Int(match.3), count > 0, (1...count).contains(part)
    else { return nil }
    stem = String(match.1)
    self.part = part
    self.count = count
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

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
