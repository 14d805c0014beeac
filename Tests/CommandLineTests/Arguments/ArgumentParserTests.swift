import AttentionAnalysis
import Testing

@testable import alr_analyze

@Suite struct ArgumentParserTests {
  private let spec = CommandSpec(
    name: "try", summary: "try something",
    positionals: [
      PositionalSpec(name: "MODEL", help: "a model"),
      PositionalSpec(name: "FILE", help: "files", arity: .any),
    ],
    options: [
      .value("chunk-length", "N", "positions"),
      .value("out", "DIR", "folder"),
      .choice("bos", ["auto", "always", "never"], "BOS", default: "auto"),
      .flag("force", "overwrite"),
      OptionSpec.value("until", "E", "error").implying("0.5"),
    ],
    examples: ["alr-analyze try m"])

  private func parse(_ line: String) throws(UsageError) -> ParsedArguments {
    try ArgumentParser(command: spec).parse(line.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    "m a --chunk-length 7 --force --bos=never b",
    "--force --bos never --chunk-length=7 m a b",
    "m --chunk-length 7 --bos never --force -- a b",
  ])
  func readsOptionsWhereverTheyStand(line: String) throws {
    let parsed = try parse(line)
    #expect(parsed.positionals == ["m", "a", "b"])
    #expect(parsed.values == ["chunk-length": "7", "force": "", "bos": "never"])
    #expect(parsed.has("force") && !parsed.has("out"))
    #expect(try parsed.integer("chunk-length") == 7)
  }

  @Test func aValueThatIsImpliedIsTakenWhereANumberStands() throws {
    for (line, value) in [
      ("--until m a", "0.5"), ("--until 0.1 m a", "0.1"), ("m a --until", "0.5"),
      ("--until=7 m a", "7"), ("m --until --force a", "0.5"), ("m --until -- a", "0.5"),
    ] {
      let parsed = try parse(line)
      #expect(parsed.positionals == ["m", "a"] && parsed.value("until") == value, "\(line)")
    }
    #expect(try parse("m").value("until") == nil)
    #expect(spec.option(named: "until")?.usage == "--until [E]")
    #expect(throws: UsageError.self) { try parse("m --until=") }
  }

  @Test func takesDashesAndEqualsSignsAsTheyCome() throws {
    #expect(try parse("m - a").positionals == ["m", "-", "a"])
    #expect(try parse("m -- --force -x").positionals == ["m", "--force", "-x"])
    #expect(try parse("m --out=--force").value("out") == "--force")
    #expect(try parse("m --out=a=b").value("out") == "a=b")
    #expect(try parse("m --out -").value("out") == "-")
  }

  @Test func helpAsksNothingElseOfTheLine() throws {
    #expect(try parse("--help").has("help"))
    #expect(try parse("m --force -h").has("help"))
    #expect(try parse("--version").has("version"))
    #expect(try parse("m -- --help").has("help") == false)
  }

  @Test func saysWhatDoesNotFit() {
    let cases: [(String, UsageError)] = [
      ("", .missingArgument("MODEL", command: "try")),
      ("m --forse", .unknownOption("--forse", command: "try", suggestion: "--force")),
      (
        "m --chunk-lenght 3",
        .unknownOption("--chunk-lenght", command: "try", suggestion: "--chunk-length")
      ),
      ("m --nonsense=3", .unknownOption("--nonsense", command: "try", suggestion: nil)),
      ("m -f", .unknownOption("-f", command: "try", suggestion: nil)),
      ("m --out", .missingValue(option: "out", valueName: "DIR")),
      ("m --out=", .missingValue(option: "out", valueName: "DIR")),
      ("m --out --force", .missingValue(option: "out", valueName: "DIR")),
      ("m --force=yes", .flagWithValue(option: "force")),
      ("m --force --force", .repeatedOption("force")),
      (
        "m --bos nevr",
        .unknownChoice(
          option: "bos", value: "nevr", choices: ["auto", "always", "never"],
          suggestion: "never")
      ),
      (
        "m --bos yes",
        .unknownChoice(
          option: "bos", value: "yes", choices: ["auto", "always", "never"], suggestion: nil)
      ),
    ]
    for (line, expected) in cases {
      #expect(throws: expected) { try parse(line) }
    }
  }

  @Test func countsArgumentsByPlace() {
    var one = spec
    one.positionals = [
      PositionalSpec(name: "A", help: "a"), PositionalSpec(name: "B", help: "b", arity: .optional),
    ]
    let parser = ArgumentParser(command: one)
    #expect(throws: UsageError.surplusArgument("c", command: "try")) {
      try parser.parse(["a", "b", "c"])
    }
    #expect(throws: Never.self) { try parser.parse(["a"]) }
    one.positionals[1].arity = .oneOrMore
    #expect(throws: UsageError.missingArgument("B", command: "try")) {
      try ArgumentParser(command: one).parse(["a"])
    }
    #expect(one.usage == "alr-analyze try A B... [options]")
  }

  @Test func readsNumbersSizesAndQueries() throws {
    func integer(_ text: String) throws(UsageError) -> Int? {
      try ParsedArguments(values: ["n": text]).integer("n")
    }
    #expect(try integer("1024") == 1024)
    for text in ["0", "-3", "+3", "1e3", "", "9223372036854775808", "٣"] {
      #expect(throws: UsageError.self) { try integer(text) }
    }
    func bytes(_ text: String) throws(UsageError) -> Int? {
      try ParsedArguments(values: ["m": text]).byteCount("m")
    }
    for text in ["4G", "4GB", "4GiB", "4gb"] { #expect(try bytes(text) == 4 << 30) }
    #expect(try bytes("512m") == 512 << 20)
    #expect(try bytes("100") == 100)
    for text in ["G", "0G", "4Q", "4.5G", "-4G", "8388608T", "4GB ", "4Gi", "4B", "4iB", "4GBB"] {
      #expect(throws: UsageError.self) { try bytes(text) }
    }
    #expect(try ParsedArguments(values: ["query": "all:4"]).query() == .all(stride: 4))
    #expect(throws: UsageError.self) { try ParsedArguments(values: ["query": "al"]).query() }
    #expect(try ParsedArguments().query() == .next)
  }

  @Test func findsTheNearestWord() {
    #expect(Suggestion.nearest(to: "analyse", among: ["tokenize", "analyze"]) == "analyze")
    #expect(Suggestion.nearest(to: "anlayze", among: ["analyze"]) == "analyze")
    #expect(Suggestion.nearest(to: "model", among: ["analyze", "tokenize"]) == nil)
    #expect(Suggestion.nearest(to: "eso", among: ["eos", "none"]) == "eos")
    #expect(Suggestion.nearest(to: "ab", among: ["cd"]) == nil)
    #expect(Suggestion.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
    #expect(Suggestion.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
    #expect(Suggestion.distance([], Array("abc".utf8)) == 3)
  }
}
