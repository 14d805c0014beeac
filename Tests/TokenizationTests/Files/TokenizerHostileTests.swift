import TestSupport
import Testing

@testable import ModelFiles
@testable import Tokenization

/// Broken tokenizer files, each with the one line that refuses it.
@Suite struct TokenizerHostileTests {
  struct BadFile: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// By name; the first is the one that the refusal names.
    let files: [(name: String, bytes: [UInt8])]
    let message: String

    init(_ name: String, _ files: [(String, [UInt8])], _ message: String) {
      testDescription = name
      self.files = files
      self.message = message
    }

    /// A whole `tokenizer.json`.
    init(_ name: String, text: String, _ message: String) {
      self.init(name, [("tokenizer.json", Array(text.utf8))], message)
    }

    /// A byte-level `tokenizer.json` of three pieces with parts replaced.
    init(
      _ name: String, vocabulary: String = #"{"a":0,"b":1,"ab":2}"#, merges: String = #"["a b"]"#,
      model: String = "", added: String = "[]", normalizer: String = "null",
      pretokenizer: String = #"{"type":"ByteLevel","add_prefix_space":false}"#,
      post: String = "null", decoder: String = #"{"type":"ByteLevel"}"#, _ message: String
    ) {
      self.init(
        name,
        text: """
          {"added_tokens":\(added),"normalizer":\(normalizer),"pre_tokenizer":\(pretokenizer),
          "post_processor":\(post),"decoder":\(decoder),
          "model":{"type":"BPE"\(model),"vocab":\(vocabulary),"merges":\(merges)}}
          """, message)
    }

    /// A `tokenizer.json` of a Unigram model.
    init(_ name: String, unigram: String, _ message: String) {
      self.init(name, text: #"{"model":{"type":"Unigram",\#(unigram)}}"#, message)
    }

    /// A `vocab.json` with a `merges.txt`.
    init(_ name: String, pair vocabulary: String, _ merges: [UInt8], _ message: String) {
      self.init(
        name, [("vocab.json", Array(vocabulary.utf8)), ("merges.txt", merges)], message)
    }

    /// A `tokenizer.model`.
    init(_ name: String, model: [UInt8], _ message: String) {
      self.init(name, [("tokenizer.model", model)], message)
    }
  }

  private static let ids = "model.vocab must be pieces with integer ids"
  private static let scores = "model.vocab must be array of pieces with scores"
  private static let split = #"{"type":"Split","behavior":"Isolated","pattern":"#

  static let documents: [BadFile] = [
    BadFile("empty file", text: "", "invalid JSON at byte 0: unexpected end"),
    BadFile("an array", text: "[]", "tokenizer.json must be object"),
    BadFile("no model", text: "{}", "model is missing"),
    BadFile("model is null", text: #"{"model":null}"#, "model must be object"),
    BadFile("model is text", text: #"{"model":"BPE"}"#, "model must be object"),
    BadFile("type is a number", text: #"{"model":{"type":1}}"#, "model.type must be string"),
    BadFile(
      "WordPiece", text: #"{"model":{"type":"WordPiece","vocab":{}}}"#,
      "model 'WordPiece' is not supported"),
    BadFile(
      "control characters in a name", text: #"{"model":{"type":"a\u001b[2Jb"}}"#,
      "model 'a\u{FFFD}[2Jb' is not supported"),
    BadFile(
      "model twice", text: #"{"model":{},"mod\u0065l":{}}"#,
      "invalid JSON at byte 12: duplicate key \"model\""),
    BadFile(
      "comment", text: "{/**/}", "invalid JSON at byte 1: a member name in quotes is missing"),
    BadFile(
      "nested a thousand deep", text: String(repeating: "[", count: 1000),
      "invalid JSON at byte 128: nested deeper than 128"),
  ]

  static let vocabularies: [BadFile] = [
    BadFile("no pieces", vocabulary: "{}", merges: "[]", "the vocabulary is empty"),
    BadFile("vocabulary is an array", vocabulary: "[]", "model.vocab must be object"),
    BadFile("vocabulary is null", vocabulary: "null", "model.vocab must be object"),
    BadFile(
      "negative id", vocabulary: #"{"a":-1}"#, "the id of 'a' is not between 0 and 4194303"),
    BadFile(
      "id of 2^22", vocabulary: #"{"a":4194304}"#, "the id of 'a' is not between 0 and 4194303"),
    BadFile(
      "id of 2^63 - 1", vocabulary: #"{"a":9223372036854775807}"#,
      "the id of 'a' is not between 0 and 4194303"),
    BadFile("id of 2^63", vocabulary: #"{"a":9223372036854775808}"#, ids),
    BadFile("id with a point", vocabulary: #"{"a":1.0}"#, ids),
    BadFile("id with an exponent", vocabulary: #"{"a":1e3}"#, ids),
    BadFile("id as text", vocabulary: #"{"a":"0"}"#, ids),
    BadFile("id of null", vocabulary: #"{"a":null}"#, ids),
    BadFile("id of true", vocabulary: #"{"a":true}"#, ids),
    BadFile("merges are an object", merges: "{}", "model.merges must be array"),
    BadFile("merge is a number", merges: "[1]", "merge 0 is not a pair of pieces"),
    BadFile("merge of one piece", merges: #"["ab"]"#, "merge 0 is not a pair of pieces"),
    BadFile("merge of three", merges: #"[["a","b","a"]]"#, "merge 0 is not a pair of pieces"),
    BadFile("second merge is empty", merges: #"["a b",""]"#, "merge 1 is not a pair of pieces"),
    BadFile(
      "merge of an unknown piece", merges: #"["a z"]"#,
      "merge 0 needs 'z', which the vocabulary lacks"),
    BadFile(
      "merge that gives an unknown piece", merges: #"["b a"]"#,
      "merge 0 needs 'ba', which the vocabulary lacks"),
    BadFile(
      "dropout", model: #","dropout":0.1"#, "model.dropout 'other than 0' is not supported"),
    BadFile(
      "unknown unk_token", model: #","unk_token":"?""#,
      "unk_token '?' is not in the vocabulary"),
    BadFile("unk_token is a number", model: #","unk_token":0"#, "model.unk_token must be string"),
    BadFile(
      "byte_fallback without bytes", model: #","byte_fallback":true"#,
      "byte_fallback with a byte-level vocabulary that lacks byte 0"),
    BadFile(
      "flag is a number", model: #","ignore_merges":1"#,
      "model.ignore_merges must be true or false"),
    BadFile("Unigram without pieces", unigram: #""vocab":[]"#, "the vocabulary is empty"),
    BadFile("Unigram of an object", unigram: #""vocab":{}"#, scores),
    BadFile("Unigram without scores", unigram: #""vocab":[["a"]]"#, scores),
    BadFile("Unigram score as text", unigram: #""vocab":[["a","0"]]"#, scores),
    BadFile("Unigram score of 1e999", unigram: #""vocab":[["a",1e999]]"#, scores),
    BadFile(
      "Unigram unk_id outside", unigram: #""vocab":[["a",0]],"unk_id":1"#,
      "model.unk_id 1 lies outside the vocabulary"),
    BadFile(
      "Unigram unk_id below", unigram: #""vocab":[["a",0]],"unk_id":-1"#,
      "model.unk_id -1 lies outside the vocabulary"),
  ]

  private static let strip = #"{"type":"Strip","strip_left":true,"strip_right":true}"#
  private static let doubling = #"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#
  /// A map of one unit and 257 times `a`, in base 64.
  private static let longReplacement =
    "BAAAAAAAAABh" + String(repeating: "YWFh", count: 85) + "YQ=="

  private static func list(_ entry: String, _ count: Int) -> String {
    Array(repeating: entry, count: count).joined(separator: ",")
  }

  private static func normalizers(_ entries: [String]) -> String {
    #"{"type":"Sequence","normalizers":[\#(entries.joined(separator: ","))]}"#
  }

  private static func template(ids: Int) -> String {
    #"""
    {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],
     "special_tokens":{"x":{"ids":[\#(list("0", ids))]}}}
    """#
  }

  static let pipelines: [BadFile] = [
    BadFile("added tokens are an object", added: "{}", "added_tokens must be array"),
    BadFile("added token is text", added: #"["a"]"#, "added_tokens[].content must be string"),
    BadFile(
      "added token's flag is null text", added: #"[{"content":"x","lstrip":"null"}]"#,
      "added_tokens[].lstrip must be true or false"),
    BadFile(
      "added token normalized away", added: #"[{"content":"  ","normalized":true}]"#,
      normalizer: #"{"type":"Strip","strip_left":true,"strip_right":true}"#,
      "added token of which the normalizer leaves nothing, '  ' is not supported"),
    BadFile(
      "sequence without normalizers", normalizer: #"{"type":"Sequence"}"#,
      "normalizer.normalizers is missing"),
    BadFile(
      "sequence of one pre-tokenizer",
      pretokenizer: #"{"type":"Sequence","pretokenizers":{"type":"ByteLevel"}}"#,
      "pre_tokenizer.pretokenizers must be array"),
    BadFile(
      "sequence without decoders", decoder: #"{"type":"Sequence"}"#,
      "decoder.decoders is missing"),
    BadFile(
      "sequence without processors", post: #"{"type":"Sequence","processors":null}"#,
      "post_processor.processors must be array"),
    BadFile(
      "template without single", post: #"{"type":"TemplateProcessing"}"#,
      "post_processor.single is missing"),
    BadFile(
      "template of the text twice",
      post:
        #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"Sequence":{"id":"A"}}]}"#,
      "post_processor.single 'other than one $A' is not supported"),
    BadFile(
      "unknown normalizer", normalizer: #"{"type":"BertNormalizer"}"#,
      "normalizer 'BertNormalizer' is not supported"),
    BadFile(
      "normalizer without type", normalizer: "{}", "normalizer.type must be string"),
    BadFile(
      "character map of three bytes",
      normalizer: #"{"type":"Precompiled","precompiled_charsmap":"AAAA"}"#,
      "precompiled_charsmap is malformed"),
    BadFile(
      "character map beyond its end",
      normalizer: #"{"type":"Precompiled","precompiled_charsmap":"/////w=="}"#,
      "precompiled_charsmap is malformed"),
    BadFile(
      "character map with a replacement of 257 bytes",
      normalizer: #"{"type":"Precompiled","precompiled_charsmap":"\#(longReplacement)"}"#,
      "precompiled_charsmap is malformed"),
    BadFile(
      "65 normalizers", normalizer: normalizers(Array(repeating: strip, count: 65)),
      "normalizer.normalizers has more than 64 entries"),
    BadFile(
      "65 normalizers in two lists",
      normalizer: normalizers(
        [normalizers(Array(repeating: strip, count: 64)), strip]),
      "normalizer has more than 64 entries"),
    BadFile(
      "text doubled eleven times", normalizer: normalizers(Array(repeating: doubling, count: 11)),
      "normalizer can make text more than 1024 times as long"),
    BadFile(
      "prefix of 1024 bytes",
      normalizer: #"{"type":"Prepend","prepend":"\#(String(repeating: "a", count: 1024))"}"#,
      "normalizer can make text more than 1024 times as long"),
    BadFile(
      "pieces doubled eleven times",
      decoder: #"{"type":"Sequence","decoders":[\#(list(doubling, 11))]}"#,
      "decoder can make text more than 1024 times as long"),
    BadFile(
      "65 pre-tokenizers",
      pretokenizer: #"{"type":"Sequence","pretokenizers":[\#(list(#"{"type":"Digits"}"#, 65))]}"#,
      "pre_tokenizer.pretokenizers has more than 64 entries"),
    BadFile(
      "template of 65 parts",
      post: #"{"type":"TemplateProcessing","single":[\#(list(#"{"Sequence":{"id":"A"}}"#, 65))]}"#,
      "post_processor.single has more than 64 entries"),
    BadFile(
      "special token of 65 ids",
      post: template(ids: 65), "post_processor.special_tokens[].ids has more than 64 entries"),
    BadFile(
      "65 tokens by two templates",
      post: #"{"type":"Sequence","processors":[\#(template(ids: 64)),\#(template(ids: 1))]}"#,
      "post_processor has more than 64 entries"),
    BadFile(
      "unknown pre-tokenizer", pretokenizer: #"{"type":"Punctuation"}"#,
      "pre_tokenizer 'Punctuation' is not supported"),
    BadFile(
      "exponential pattern", pretokenizer: split + #"{"Regex":"(a+)+$"}}"#,
      "pre-tokenizer pattern '(a+)+$' is not supported"),
    BadFile(
      "unknown decoder", decoder: #"{"type":"CTC"}"#, "decoder 'CTC' is not supported"),
    BadFile(
      "unknown post-processor", post: #"{"type":"Other"}"#,
      "post_processor 'Other' is not supported"),
  ]

  static let otherFiles: [BadFile] = [
    BadFile("pair of an array", pair: "[]", [], "vocab.json must be object"),
    BadFile("pair without pieces", pair: "{}", [], "the vocabulary is empty"),
    BadFile(
      "pair with an id as text", pair: #"{"a":"0"}"#, [],
      "vocab.json must be pieces with integer ids"),
    BadFile(
      "merges that are not UTF-8", pair: #"{"a":0}"#, [0xFF, 0x20, 0x61],
      "merges.txt must be UTF-8"),
    BadFile(
      "merge of one piece in a line", pair: #"{"a":0}"#, Array("a\n".utf8),
      "merge 0 is not a pair of pieces"),
    BadFile("empty model file", model: [], "the vocabulary is empty"),
    BadFile(
      "text as a model file", model: Array("{}".utf8), "no SentencePiece model: malformed at byte 0"
    ),
    BadFile(
      "piece past the end", model: [0x0A, 0x7F, 0x61],
      "no SentencePiece model: malformed at byte 1"),
    BadFile(
      "length of 2^64 - 1",
      model: [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01],
      "no SentencePiece model: malformed at byte 1"),
    BadFile(
      "endless number", model: [UInt8](repeating: 0x80, count: 64),
      "no SentencePiece model: malformed at byte 10"),
    BadFile(
      "field of number zero", model: [0x02, 0x00], "no SentencePiece model: malformed at byte 0"),
    BadFile("empty piece", model: [0x0A, 0x02, 0x0A, 0x00], "piece 0 must be not empty"),
    BadFile(
      "unknown piece type", model: [0x0A, 0x05, 0x0A, 0x01, 0x61, 0x18, 0x09],
      "piece type '9' is not supported"),
  ]

  @Test(arguments: documents + vocabularies + pipelines + otherFiles)
  func isRefused(_ bad: BadFile) throws {
    let folder = try TemporaryFolder()
    for file in bad.files { try folder.write(file.bytes, to: file.name) }
    let error = #expect(throws: TokenizerError.self) { try Tokenizer.load(directory: folder.path) }
    let first = folder.path + "/" + (bad.files.first?.name ?? "")
    #expect(error?.description == "\(first): \(bad.message)")
  }
}
