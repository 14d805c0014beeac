import AttentionAnalysis
import Foundation
import ModelFiles

/// The texts that `CORPUS` names, one after another.
struct CorpusTexts {
  /// Why a text cannot be used.
  enum Problem: Error, Equatable, ExitCoded, CustomStringConvertible {
    case file(String, FileProblem)
    case notUTF8(String)

    var exitCode: ExitCode {
      if case .file(_, .missing) = self { return .noInput }
      return .badInput
    }

    var description: String {
      switch self {
      case .file(let path, let problem): "\(path): \(problem)"
      case .notUTF8(let path): "\(path): not UTF-8, which --strict refuses"
      }
    }
  }

  let paths: [String]
  let isStrict: Bool

  /// Base names, as results call the corpus.
  var name: String {
    paths.map { $0 == "-" ? "-" : URL(fileURLWithPath: $0).lastPathComponent }
      .joined(separator: ", ")
  }

  /// Calls `body` with each text until it says `false`.
  ///
  /// - Returns: paths whose text is not UTF-8.
  func visit(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Bool
  ) throws -> [String] {
    var repaired: [String] = []
    for path in paths {
      let goesOn = try withBytes(of: path) { bytes in
        if !Self.isUTF8(bytes) {
          if isStrict { throw Problem.notUTF8(path) }
          repaired.append(path)
        }
        return try body(bytes)
      }
      if !goesOn { break }
    }
    return repaired
  }

  private func withBytes(
    of path: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Bool
  ) throws -> Bool {
    if path == "-" {
      let bytes: [UInt8]
      do {
        bytes = [UInt8](try FileHandle.standardInput.readToEnd() ?? Data())
      } catch {
        throw Problem.file("-", .unreadable(reason: error.localizedDescription))
      }
      return try bytes.withUnsafeBufferPointer(body)
    }
    let file: MappedFile
    do throws(FileProblem) {
      file = try MappedFile(path)
    } catch {
      throw Problem.file(path, error)
    }
    return try file.withBytes { try body($0.bindMemory(to: UInt8.self)) }
  }

  private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }
}
