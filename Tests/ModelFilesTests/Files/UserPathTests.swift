import Foundation
import TestSupport
import Testing

@testable import ModelFiles

/// What paths of a command line and of variables mean, and where writing goes.
@Suite struct UserPathTests {
  @Test(arguments: [
    ("~", "/h/me"), ("~/", "/h/me/"), ("~/x/~y", "/h/me/x/~y"), ("~//x", "/h/me//x"),
    ("x", "x"), ("./~x", "./~x"), ("./~", "./~"), ("a/~/b", "a/~/b"), ("/~", "/~"), ("", ""),
    ("-", "-"), ("~no-such-user/x", "./~no-such-user/x"), ("~no-such-user", "./~no-such-user"),
    ("two\nlines", "two\nlines"), ("a/", "a/"), ("a/../b", "a/../b"),
  ])
  func tildeIsTheHomeFolder(given: String, meant: String) {
    #expect(UserPath.resolved(given, environment: ["HOME": "/h/me"]) == meant)
    #expect(UserPath.resolved(meant, environment: ["HOME": "/h/me"]) == meant)
  }

  /// As os.path.expanduser of Python has it.
  @Test(arguments: [("/", "~/x", "/x"), ("/", "~", "/"), ("/h//", "~/x", "/h/x"), ("", "~", "/")])
  func homesAreJoinedAsInPython(home: String, given: String, meant: String) {
    #expect(UserPath.resolved(given, environment: ["HOME": home]) == meant)
  }

  @Test func whoHasNoHOMEHasTheSystems() throws {
    let entry = try #require(getpwuid(getuid()))
    let home = String(cString: entry.pointee.pw_dir)
    let user = String(cString: entry.pointee.pw_name)
    #expect(home.hasPrefix("/") && !user.isEmpty)
    #expect(UserPath.resolved("~/x", environment: [:]) == (home == "/" ? "/x" : home + "/x"))
    // Somebody by name has nothing to do with HOME.
    #expect(
      UserPath.resolved("~\(user)/x", environment: ["HOME": "/elsewhere"])
        == UserPath.resolved("~/x", environment: [:]))
  }

  @Test func aHomeThatBeginsWithATildeIsAnEntryOfTheFolder() {
    #expect(UserPath.resolved("~/x", environment: ["HOME": "~"]) == "./~/x")
  }

  @Test(arguments: [
    ("$A/x", "/a/x"), ("${A}/x", "/a/x"), ("~/$A", "/h//a"), ("$NONE/x", "$NONE/x"),
    ("${NONE}", "${NONE}"), ("$", "$"), ("$$A", "$/a"), ("${A", "${A"), ("é$A", "é/a"),
  ])
  func variablesAreExpandedInVariables(given: String, meant: String) {
    let environment = ["HOME": "/h", "A": "/a"]
    #expect(UserPath.expandedVariable(given, environment: environment) == meant)
    // What is typed was expanded by the shell already.
    if !given.hasPrefix("~") {
      #expect(UserPath.resolved(given, environment: environment) == given)
    }
  }

  @Test(arguments: [
    ("a/b.TXT", "b.TXT", "a", "txt"), ("a/b/", "b", "a", ""), ("b", "b", ".", ""),
    ("/", "/", "/", ""), ("/b", "b", "/", ""), ("a//b", "b", "a", ""), (".gguf", ".gguf", ".", ""),
    ("a.", "a.", ".", ""), ("", "", ".", ""), ("~/b", "b", "~", ""), ("x.d/b", "b", "x.d", ""),
  ])
  func pathsComeApart(path: String, name: String, parent: String, ending: String) {
    let path = FilePath(path)
    #expect(path.lastComponent == name)
    #expect(path.parent.description == parent)
    #expect(path.lowercasedExtension == ending)
  }

  @Test func pathsAreJoined() {
    #expect((FilePath(".") / "a").description == "a" && (FilePath("") / "a").description == "a")
    #expect(
      (FilePath("a/") / "b").description == "a/b" && (FilePath("/") / "b").description == "/b")
    #expect(FilePath("/a/./b/../c/").absolute.description == "/a/c")
    #expect(FilePath("/../a").absolute.description == "/a")
    #expect(FilePath("~").absolute.description.hasSuffix("/~"))
    #expect(FilePath("~").absolute.description.hasPrefix("/"))
  }
}

@Suite struct OutputPlaceTests {
  private let folder: TemporaryFolder
  /// The same without links, as on systems whose temporary folder is one.
  private let root: String

  init() throws {
    folder = try TemporaryFolder()
    root = try #require(FilePath(folder.path).physical).description
    for name in ["real/inner/x", "deep/er/x"] { try folder.write("", to: name) }
    for (link, target) in [
      ("link", "real"), ("dangling", "nowhere"), ("jump", "deep/er"), ("loop", "loop"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/\(link)", withDestinationPath: target)
    }
  }

  @Test(
    arguments: [
      ("real", "real", []), ("real/", "real", []), ("link", "real", []), ("link/a", "real", ["a"]),
      ("a", "", ["a"]), ("a/b//c/", "", ["a", "b", "c"]), ("a/./b", "", ["a", "b"]),
      ("a/../b", "", ["b"]), ("a/../../x", "..", ["x"]), ("jump/../b", "deep", ["b"]),
      ("jump/new/../../b", "deep", ["b"]), ("link/inner/..", "real", []),
      ("two\nlines", "", ["two\nlines"]), ("~", "", ["~"]), ("real/~x", "real", ["~x"]),
    ] as [(String, String, [String])])
  func isWhereTheSystemLeads(path: String, ground: String, missing: [String]) throws {
    let place = try OutputPlace("\(folder.path)/\(path)")
    let expected =
      ground == ".." ? FilePath(root).parent.description : (FilePath(root) / ground).description
    #expect(FilePath(place.ground) == FilePath(ground.isEmpty ? root : expected))
    #expect(place.missing == missing)
    #expect(FilePath(place.path).parent.physical == nil || place.path.hasPrefix("/"))
    try place.checkPermission()
  }

  @Test(arguments: [
    ("real/inner/x", OutputPlace.Problem.notAFolder("it")),
    ("dangling", .danglingLink("it")),
    ("loop", .system(reason: String(cString: strerror(ELOOP)))),
  ])
  func refusesWhatIsNoFolder(path: String, problem: OutputPlace.Problem) {
    let found = #expect(throws: OutputPlace.Problem.self) {
      try OutputPlace("\(folder.path)/\(path)")
    }
    #expect(found == problem)
  }

  @Test func refusesWhatIsUnderNoFolder() {
    for (path, problem) in [
      (
        "\(folder.path)/real/inner/x/y",
        OutputPlace.Problem.notAFolder("\(folder.path)/real/inner/x")
      ),
      ("\(folder.path)/real/inner/x/..", .notAFolder("\(folder.path)/real/inner/x")),
      ("\(folder.path)/dangling/y", .danglingLink("\(folder.path)/dangling")), ("", .emptyPath),
    ] {
      let found = #expect(throws: OutputPlace.Problem.self) { try OutputPlace(path) }
      #expect(found == problem, "\(path)")
    }
    let long = #expect(throws: OutputPlace.Problem.self) {
      try OutputPlace("\(folder.path)/\(String(repeating: "n", count: 256))").checkPermission()
    }
    #expect(long == .system(reason: String(cString: strerror(ENAMETOOLONG))))
  }
}
