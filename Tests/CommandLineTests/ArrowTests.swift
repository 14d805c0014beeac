import Foundation
import TestSupport
import Testing

/// Data flow one way: between modules, and between the folders of each.
struct ArrowTests {
  /// What a module may import of the others.
  private static let modules: [String: Set<String>] = [
    "ModelFiles": ["CKernels", "CZlib"],
    "Tokenization": ["CZlib", "ModelFiles"],
    "Inference": ["CKernels", "ModelFiles"],
    "Results": ["ModelFiles"],
    "AttentionAnalysis": ["Inference", "ModelFiles", "Results", "Tokenization"],
    "Compression": ["AttentionAnalysis", "Inference", "ModelFiles", "Results", "Tokenization"],
    "Reporting": ["CZlib", "ModelFiles", "Results"],
    "alr-analyze": [
      "AttentionAnalysis", "Compression", "Inference", "ModelFiles", "Reporting", "Results",
      "Tokenization",
    ],
  ]

  private struct Source {
    var folder: String
    /// Without comments and strings.
    var code: String
  }

  private static func sources(of module: String) throws -> [Source] {
    let root = Repository.root.appendingPathComponent("Sources/\(module)")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    return try paths.filter { $0.hasSuffix(".swift") }.map { path in
      let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      let code = text.replacing(/\/\/[^\n]*/, with: "").replacing(/"[^"\n]*"/, with: "")
      let parts = path.split(separator: "/")
      return Source(folder: parts.count > 1 ? String(parts[0]) : "", code: code)
    }
  }

  @Test(arguments: modules.keys.sorted()) func modulesImportNoOthers(module: String) throws {
    let known = Set(Self.modules.keys).union(["CKernels", "CZlib"])
    for source in try Self.sources(of: module) {
      let imported = Set(source.code.matches(of: /(?m)^import (\w+)/).map { String($0.1) })
      #expect(imported.intersection(known).isSubset(of: Self.modules[module] ?? []))
    }
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appendingPathComponent("Sources").path)
    #expect(Set(folders.filter { !$0.hasPrefix(".") }) == known)
  }

  /// The folders that each folder's files name a type of.
  private static func arrows(of module: String) throws -> [String: Set<String>] {
    let sources = try sources(of: module)
    var homes: [String: Set<String>] = [:]
    let declaration =
      /(?m)^(?:(?:public|package|final|indirect) )*(?:struct|class|enum|protocol|typealias) (\w+)/
    for source in sources {
      for match in source.code.matches(of: declaration) {
        homes[String(match.1), default: []].insert(source.folder)
      }
    }
    var arrows: [String: Set<String>] = [:]
    for source in sources {
      let own = Set(
        source.code.matches(of: /(?:struct|class|enum|protocol|typealias) (\w+)/).map { $0.1 })
      let words = Set(source.code.matches(of: /\w+/).map { $0.0 }).subtracting(own)
      let homes = words.compactMap { word -> String? in
        guard let home = homes[String(word)], home.count == 1 else { return nil }
        return home.first
      }
      arrows[source.folder, default: []].formUnion(Set(homes).subtracting([source.folder]))
    }
    return arrows
  }

  /// A folder that nothing is left to wait for goes, and then those that waited for it.
  @Test(arguments: modules.keys.sorted()) func foldersFormNoCircle(module: String) throws {
    var left = try Self.arrows(of: module)
    #expect(!left.isEmpty)
    while let done = left.first(where: { $0.value.isDisjoint(with: left.keys) }) {
      left[done.key] = nil
    }
    #expect(left.isEmpty, "\(module): \(left)")
  }
}
