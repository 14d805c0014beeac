/// Why an NPZ archive cannot be read or written: the file, the member and the broken rule.
public struct NPZError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The archive; empty where it is not a file yet.
  public let path: String
  public let problem: NPZProblem

  public var description: String {
    path.isEmpty ? "\(problem)" : "\(path): \(problem)"
  }
}

/// A rule of the archive that is broken.
public enum NPZProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case file(FileProblem)
  case notAnArchive
  case zip64
  case malformedDirectory
  case badName(index: Int)
  case duplicateName(String)
  case encrypted(String)
  case unsupportedMethod(String, method: Int)
  case outsideArchive(String)
  case membersOverlap(String, String)
  /// Declared sizes beyond what an archive of this length may unpack to.
  case tooLarge(declared: Int, limit: Int)
  case corrupt(String)
  case wrongChecksum(String)
  case noSuchArray(String)
  case noSuchText(String)
  case otherType(String, found: String, expected: StoredType)
  case array(String, NPYProblem)
  case tooManyBytes

  public var description: String {
    switch self {
    case .file(let problem): "\(problem)"
    case .notAnArchive: "not a zip archive"
    case .zip64: "zip64 archives are not supported"
    case .malformedDirectory: "malformed zip directory"
    case .badName(let index):
      "the name of member \(index) is not that of a plain .npy or .json file"
    case .duplicateName(let name): "member \(name): occurs twice"
    case .encrypted(let name): "member \(name): encrypted"
    case .unsupportedMethod(let name, let method):
      "member \(name): compression method \(method) is not supported"
    case .outsideArchive(let name): "member \(name): data lie outside the archive"
    case .membersOverlap(let a, let b): "members \(a) and \(b) overlap"
    case .tooLarge(let declared, let limit):
      "unpacks to \(declared) bytes, more than the \(limit) allowed for an archive of its length"
    case .corrupt(let name): "member \(name): corrupt data"
    case .wrongChecksum(let name): "member \(name): wrong checksum"
    case .noSuchArray(let name): "no array \(name)"
    case .noSuchText(let name): "no member \(name)"
    case .otherType(let name, let found, let expected):
      "array \(name): element type \(found), not \(expected.name)"
    case .array(let name, let problem): "array \(name): \(problem.description)"
    case .tooManyBytes: "an array or archive of 4 GiB or more cannot be written"
    }
  }
}

extension NPYProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badMagic: "does not begin as a .npy file"
    case .unsupportedVersion(let version): ".npy version \(version) is not supported"
    case .malformedHeader: "malformed .npy header"
    case .missingKey(let key): ".npy header without \(key)"
    case .unsupportedType(let type):
      "element type \(type.unicodeScalars.prefix(20).map { $0.escaped(asASCII: true) }.joined()) is"
        + " not <f8 or <f4"
    case .fortranOrder: "Fortran order is not supported"
    case .rankTooHigh(let rank): "\(rank) dimensions, more than 32"
    case .sizeOverflow: "size overflows 63 bits"
    case .wrongSize(let needed, let found):
      "the shape needs \(needed) bytes of data, but there are \(found)"
    }
  }
}
