import Foundation
import ModelFiles
import Tokenization

/// A tokenizer of any format, loaded and used.
///
/// What begins with `{` is a `tokenizer.json`, or where a NUL follows the object a `vocab.json`,
/// with a `merges.txt` behind the NUL; what begins with `GGUF` such a file; anything else a
/// `tokenizer.model`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenizer(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  do {
    use(try load(input))
  } catch {
    expectOneLine(error)
  }
  return 0
}

private func load(_ input: UnsafeRawBufferPointer) throws -> Tokenizer {
  _ = folders
  if input.starts(with: "GGUF".utf8) {
    let path = Scratch.write(input, to: "model.gguf")
    let metadata = try Checkpoint.open(path).gguf
    guard let metadata else { preconditionFailure("a GGUF file without metadata") }
    return try Tokenizer.load(gguf: metadata, path: path)
  }
  guard input.first == UInt8(ascii: "{") else {
    Scratch.write(input, to: "model/tokenizer.model")
    return try Tokenizer.load(directory: "\(Scratch.folder)/model")
  }
  let (json, merges) = halves(input)
  guard json.count == input.count else {
    Scratch.write(json, to: "pair/vocab.json")
    Scratch.write(merges, to: "pair/merges.txt")
    return try Tokenizer.load(directory: "\(Scratch.folder)/pair")
  }
  Scratch.write(input, to: "json/tokenizer.json")
  return try Tokenizer.load(directory: "\(Scratch.folder)/json")
}

private let folders: Void = {
  for name in ["json", "pair", "model"] {
    Scratch.makeFolder(name)
    Scratch.write(
      #"{"bos_token":"<s>","eos_token":{"content":"</s>"}}"#,
      to: "\(name)/tokenizer_config.json")
  }
}()

/// Every class of characters that a pattern knows, white space of all kinds, special tokens,
/// combining marks, and characters that normalizers change.
private let text: [UInt8] =
  Array(
    """
     Hello, WORLD! it's we'LL\t\tx = 12345;\r\n\r\n  \u{A0}\u{3000}naïve cafe\u{301} ﬁ ½ Ⅷ ǅ ſ 'ſ
    <s>a</s><unk><|endoftext|> [INST]▁▁<0x41> 你好，世界 ひらがな カタカナ ｶﾞ 한국어 \u{1112}\u{1161}\u{11AB} नमस्ते 👩‍👩‍👧🏽 \u{FEFF}\u{200D}
    """.utf8) + [0, 0x7F, 0xFF, 0xC3, 0xED, 0xA0, 0x80, 0xF4, 0x8F, 0xBF, 0xBF]

private func use(_ tokenizer: Tokenizer) {
  let bound = tokenizer.vocabularySize
  let ids = tokenizer.encode(text)
  precondition(ids.allSatisfy { $0 >= 0 && Int($0) < bound }, "an id outside the vocabulary")
  _ = tokenizer.decode(ids)
  _ = tokenizer.decode(ids, skippingSpecialTokens: true)
  let limited = tokenizer.encode(text, limit: 3)
  precondition(ids.starts(with: limited) && limited.count >= min(3, ids.count), "another beginning")
  _ = tokenizer.encode([])
  _ = tokenizer.encodeWithSpecialTokens("a")
  // What the vocabulary spells goes through matching and merging once more.
  let known = (0..<Int32(min(bound, 200))).map { $0 }
  let spelled = tokenizer.decode(known)
  _ = tokenizer.decode(tokenizer.encode(spelled))
  for id in known + [-1, .max, .min, Int32(truncatingIfNeeded: bound)] {
    if let piece = tokenizer.piece(id) { _ = tokenizer.id(ofPiece: piece) }
    _ = (tokenizer.isSpecial(id), tokenizer.decode([id]))
  }
  _ = (tokenizer.automaticBOS, tokenizer.bosID, tokenizer.eosID)
}
