import Testing

@testable import ModelFiles
@testable import Tokenization

/// A `tokenizer.json` of a few pieces with one part replaced.
private func tokenizer(
  vocabulary: String = #"{"a":0,"b":1,"c":2,"ab":3,"Ġ":4,"Ġa":5,"abc":6}"#,
  merges: String = #"["a b","Ġ a","ab c"]"#, model: String = "", added: String = "[]",
  normalizer: String = "null",
  pretokenizer: String = #"{"type":"ByteLevel","add_prefix_space":false}"#,
  post: String = "null", decoder: String = #"{"type":"ByteLevel"}"#
) throws -> Tokenizer {
  let text = """
    {"added_tokens":\(added),"normalizer":\(normalizer),"pre_tokenizer":\(pretokenizer),
     "post_processor":\(post),"decoder":\(decoder),
     "model":{"type":"BPE"\(model),"vocab":\(vocabulary),"merges":\(merges)}}
    """
  return Tokenizer(try TokenizerFile.parts(JSONDocument(parsing: Array(text.utf8)).root))
}

private func problem(_ body: () throws -> Tokenizer) -> TokenizerProblem? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? TokenizerProblem
  }
}

/// Expected ids are what `tokenizers` 0.23.3 gives for the same file.
@Suite struct TokenizerFileTests {
  @Test func mergesAndDropsBytesWithoutAPiece() throws {
    #expect(try tokenizer().encode("abc ab xa") == [6, 4, 3, 5])
    #expect(try tokenizer(model: #","unk_token":"c""#).encode("axxb") == [0, 2, 2, 1])
    #expect(
      try tokenizer(model: #","unk_token":"c","fuse_unk":true"#).encode("axxb") == [0, 2, 1])
  }

  @Test func readsMergesAsPairs() throws {
    #expect(try tokenizer(merges: #"[["a","b"],["Ġ","a"]]"#).encode("ab a") == [3, 5])
  }

  @Test func ignoresMergesWhereAsked() throws {
    #expect(try tokenizer(merges: "[]").encode("abc") == [0, 1, 2])
    #expect(try tokenizer(merges: "[]", model: #","ignore_merges":true"#).encode("abc") == [6])
  }

  @Test func putsASpaceBeforeEverySegment() throws {
    let added = #"[{"id":9,"content":"<x>","special":true}]"#
    let pre = #"{"type":"ByteLevel","add_prefix_space":true}"#
    #expect(
      try tokenizer(added: added, pretokenizer: pre).encode("a<x>a<x> a<x>")
        == [5, 7, 5, 7, 5, 7])
  }

  @Test func addedTokensTakeTheVocabularysIDs() throws {
    let added =
      #"[{"id":90,"content":"<x>"},{"id":70,"content":"<y>"},{"id":1,"content":"ab"}]"#
    let tokens = try tokenizer(added: added)
    #expect(tokens.encode("<y>ab<x>") == [8, 3, 7])
    #expect(tokens.vocabularySize == 9)
    #expect(tokens.id(ofPiece: "<y>") == 8)
  }

  /// Forgetting the earlier of two in a list would take minutes.
  @Test(.timeLimit(.minutes(1))) func aTokenThatComesAgainTakesOver() throws {
    let names = (0..<30_000).map { "<\($0)>" }
    let first = names.map { #"{"content":"\#($0)","lstrip":true}"# }
    let again = names.map { #"{"content":"\#($0)"}"# }
    let tokens = try tokenizer(added: "[\((first + again).joined(separator: ","))]")
    #expect(tokens.vocabularySize == 30_007)
    #expect(tokens.encode("a <29999>") == [0, 4, 30_006])
  }

  @Test func whatStrippingTookMayBeTakenAgain() throws {
    let added = #"""
      [{"content":"<x>","rstrip":true},{"content":" b"},{"content":"  "}]
      """#
    #expect(
      try tokenizer(added: added).encode("a<x> ba<x>  b  ")
        == [0, 7, 8, 0, 7, 9, 1, 9])
  }

  @Test func aTokenOfWhiteSpaceAloneIsFoundOnce() throws {
    let added = #"[{"content":"  ","lstrip":true,"rstrip":true}]"#
    #expect(try tokenizer(added: added).encode("a       b") == [0, 7, 1])
  }

  @Test func aMarkStandsOnlyWhereTheTextBegins() throws {
    let normalizer = #"{"type":"Replace","pattern":{"Regex":" {2,}"},"content":""}"#
    let metaspace = #"{"type":"Metaspace","replacement":"Ġ","prepend_scheme":"first"}"#
    let tokens = try tokenizer(normalizer: normalizer, pretokenizer: metaspace)
    #expect(tokens.encode("a") == [5])
    #expect(tokens.encode("  a") == [0])
    #expect(tokens.encode("a  a") == [5, 0])
  }

  @Test func aRejectedWordIsSkippedWhole() throws {
    let added = #"[{"content":"aa","single_word":true},{"content":"a"}]"#
    #expect(try tokenizer(added: added).encode("aab aa") == [0, 3, 4, 7])
  }

  @Test func findsNormalizedTokensInNormalizedText() throws {
    let added = #"[{"content":"e\u0301","normalized":true},{"content":"a"}]"#
    #expect(
      try tokenizer(added: added, normalizer: #"{"type":"NFC"}"#).encode("e\u{301}aé")
        == [7, 0, 7])
  }

  @Test func decodesByTheAlphabetOrAsSpelt() throws {
    let added = #"[{"content":"é"},{"content":"x y"}]"#
    let tokens = try tokenizer(added: added)
    #expect(tokens.decode([7, 8, 0, 1]) == "\u{FFFD}x yab")
    #expect(try tokenizer(added: added, decoder: "null").decode([0, 8, 77, 1]) == "a x y b")
  }

  @Test func readsWhatSurroundsAText() throws {
    let template = #"""
      {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"q","type_id":0}},
       {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"r","type_id":0}}],
       "special_tokens":{"q":{"id":"q","ids":[5,6],"tokens":["q","q"]},
       "r":{"id":"r","ids":[1],"tokens":["r"]}}}
      """#
    let tokens = try tokenizer(post: #"{"type":"Sequence","processors":[\#(template)]}"#)
    #expect(tokens.specialPrefix == [5, 6])
    #expect(tokens.specialSuffix == [1])
    let roberta = try tokenizer(post: #"{"type":"RobertaProcessing","sep":["b",1],"cls":["a",0]}"#)
    #expect(roberta.encodeWithSpecialTokens("c") == [0, 2, 1])
  }

  @Test func refusesHostileVocabularies() {
    #expect(problem { try tokenizer(vocabulary: "{}") } == .emptyVocabulary)
    for id in ["-1", "4194304", "4294967295"] {
      #expect(
        problem { try tokenizer(vocabulary: #"{"a":\#(id)}"#, merges: "[]") }
          == .idOutOfRange(piece: "a", limit: 4_194_304))
    }
    for id in ["1.5", "99999999999999999999", "null", "\"0\"", "[]"] {
      #expect(
        problem { try tokenizer(vocabulary: #"{"a":\#(id)}"#, merges: "[]") }
          == .wrongType(field: "model.vocab", expected: "pieces with integer ids"))
    }
  }

  /// The later merge of one pair of ids counts; which piece names the id is left to chance there.
  @Test func severalPiecesMayHaveOneID() throws {
    let tokens = try tokenizer(
      vocabulary: #"{"a":0,"b":1,"c":0,"ab":2,"cb":1}"#, merges: #"["a b","c b"]"#,
      added: #"[{"content":"<x>"}]"#)
    #expect(tokens.encode("abcbca<x>") == [1, 1, 0, 0, 5])
    #expect(tokens.decode([0, 1, 2]) == "abab")
    let spelled = try tokenizer(
      vocabulary: #"{"▁":0,"b":0,"€":0}"#, merges: "[]", added: #"[{"content":"€"}]"#)
    #expect(spelled.encode("b€") == [0, 0])
  }

  @Test func gapsAndUnreachablePiecesAreHarmless() throws {
    let tokens = try tokenizer(
      vocabulary: #"{"a":7,"b":3,"▁b":4000,"":9}"#, merges: #"[["▁b","a"]]"#)
    #expect(tokens.encode("ab") == [7, 3])
    #expect(tokens.vocabularySize == 4001)
    #expect(tokens.decode([0, 7, 4000, 9]) == "a▁b")
  }

  @Test(arguments: [
    (#"["a z"]"#, TokenizerProblem.unknownMergePiece(index: 0, piece: "z")),
    (#"["z a"]"#, .unknownMergePiece(index: 0, piece: "z")),
    (#"["a b","b a"]"#, .unknownMergePiece(index: 1, piece: "ba")),
    (#"["ab"]"#, .malformedMerge(index: 0)),
    (#"["a  b"]"#, .malformedMerge(index: 0)),
    (#"[" b"]"#, .malformedMerge(index: 0)),
    (#"["a b c"]"#, .malformedMerge(index: 0)),
    (#"[["a"]]"#, .malformedMerge(index: 0)),
    (#"[["a","b","c"]]"#, .malformedMerge(index: 0)),
    (#"[["a",1]]"#, .malformedMerge(index: 0)),
    ("[null]", .malformedMerge(index: 0)),
    ("{}", .wrongType(field: "model.merges", expected: "array")),
  ])
  func refusesMerges(merges: String, expected: TokenizerProblem) {
    #expect(problem { try tokenizer(merges: merges) } == expected)
  }

  @Test func refusesUnknownPartsByName() {
    #expect(
      problem { try tokenizer(normalizer: #"{"type":"Lowercase"}"#) }
        == .unsupported(part: "normalizer", value: "Lowercase"))
    #expect(
      problem { try tokenizer(pretokenizer: #"{"type":"Whitespace"}"#) }
        == .unsupported(part: "pre_tokenizer", value: "Whitespace"))
    let first = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}"#
    #expect(
      problem {
        try tokenizer(
          pretokenizer:
            #"{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},\#(first)]}"#
        )
      } == .unsupported(part: "Metaspace.prepend_scheme behind a split", value: "first"))
    #expect(
      problem { try tokenizer(normalizer: #"{"type":"Precompiled","precompiled_charsmap":"AAA"}"#) }
        == .malformedCharacterMap)
    #expect(
      problem { try tokenizer(decoder: #"{"type":"WordPiece"}"#) }
        == .unsupported(part: "decoder", value: "WordPiece"))
    #expect(
      problem { try tokenizer(post: #"{"type":"Other"}"#) }
        == .unsupported(part: "post_processor", value: "Other"))
    #expect(
      problem { try tokenizer(model: #","dropout":0.5"#) }
        == .unsupported(part: "model.dropout", value: "other than 0"))
    #expect(
      problem { try tokenizer(model: #","end_of_word_suffix":"</w>""#) }
        == .unsupported(part: "model.end_of_word_suffix", value: "</w>"))
    #expect(
      problem { try tokenizer(model: #","unk_token":"?""#) } == .unknownUnkToken("?"))
    #expect(problem { try tokenizer(model: #","byte_fallback":true"#) } == .missingByte(0))
    let split = #"{"type":"Split","pattern":{"Regex":"x*"},"behavior":"Isolated"}"#
    #expect(problem { try tokenizer(pretokenizer: split) } == .unsupportedPattern("x*"))
  }

  @Test func splitsKnownPatternsEitherWay() throws {
    func split(_ pattern: String, _ rest: String) -> String {
      #"""
      {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\#(pattern)"},\#(rest)},
       {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}
      """#
    }
    let vocabulary = #"{"a":0,"1":1,"1a":2,"11":3,"aa":4}"#
    let merges = #"["1 a","1 1","a a"]"#
    let isolated = try tokenizer(
      vocabulary: vocabulary, merges: merges,
      pretokenizer: split(#"\\p{N}"#, #""behavior":"Isolated","invert":false"#))
    #expect(isolated.encode("11aa") == [1, 1, 4])
    let removed = try tokenizer(
      vocabulary: vocabulary, merges: merges,
      pretokenizer: split(#"\\p{N}{1,3}"#, #""behavior":"Removed","invert":true"#))
    #expect(removed.encode("a11aa1") == [3, 1])
    let refused = problem {
      try tokenizer(pretokenizer: split(#"\\p{N}"#, #""behavior":"MergedWithNext""#))
    }
    #expect(refused == .unsupported(part: "Split behavior", value: "MergedWithNext"))
  }
}
