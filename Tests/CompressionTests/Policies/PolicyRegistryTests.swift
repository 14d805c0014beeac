import Foundation
import TestSupport
import Testing

@testable import Compression

/// A policy is one file and one line of the registry.
struct PolicyRegistryTests {
  @Test func everyPolicyOfTheFolderIsRegistered() throws {
    let folder = "Compression/Policies"
    let files = try Repository.sourceFiles(in: folder).filter { name in
      let url = Repository.root.appendingPathComponent("Sources/\(folder)/\(name).swift")
      return try String(contentsOf: url, encoding: .utf8).contains("\(name): Policy {")
    }
    // That of scores stands in for each of theirs.
    #expect(files.subtracting(["ScorePolicy"]) == Set(Policies.rules.map { "\($0)" }))
    #expect(Set(Policies.names).count == Policies.names.count)
    #expect(Policies.names.prefix(2) == ["keep-low", "keep-high"])
    for name in Policies.names {
      let policy = try #require(Policies.named(name, PolicyOptions()))
      #expect(policy is ScorePolicy || type(of: policy).name == name)
    }
    #expect(Policies.named("unheard", PolicyOptions()) == nil)
  }
}
