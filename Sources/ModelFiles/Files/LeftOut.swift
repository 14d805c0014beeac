/// What was found where a corpus is and is not part of it, by reason.
///
/// Of each reason there are the first few names in the order of their paths, so that the list stays
/// short whatever a folder holds.
public struct LeftOut: Sendable, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    case hidden
    case appleDouble = "apple_double"
    case danglingLink = "dangling_link"
    case unreadable
    case repeated
    case packedCopy = "packed_copy"
    case special
    case otherKind = "other_kind"
    case behindLastChunk = "behind_last_chunk"

    /// As a sentence has it, behind a number.
    public var words: String {
      switch self {
      case .hidden: "hidden"
      case .appleDouble: "AppleDouble"
      case .danglingLink: "pointing nowhere"
      case .unreadable: "unreadable"
      case .repeated: "there already"
      case .packedCopy: "packed, with the same unpacked beside it"
      case .special: "neither file nor folder"
      case .otherKind: "of other kinds"
      case .behindLastChunk: "behind the last chunk"
      }
    }

    /// Whether the user should look at it: something that was meant to be read may be missing.
    public var isWorrying: Bool { self == .danglingLink || self == .unreadable }
  }

  public struct Entry: Sendable, Equatable {
    public var reason: Reason
    public var count: Int
    /// Base names of the first of them.
    public var names: [String]

    public init(reason: Reason, count: Int, names: [String]) {
      (self.reason, self.count, self.names) = (reason, count, names)
    }
  }

  public static let mostNames = 8

  /// In the order of `Reason.allCases`, none of them empty.
  public private(set) var entries: [Entry] = []

  public init(_ entries: [Entry] = []) { self.entries = entries }

  public mutating func add(_ name: String, _ reason: Reason) {
    if let index = entries.firstIndex(where: { $0.reason == reason }) {
      entries[index].count += 1
      if entries[index].names.count < Self.mostNames { entries[index].names.append(name) }
      return
    }
    let order = Reason.allCases
    let place = order.firstIndex(of: reason) ?? 0
    let index = entries.firstIndex { (order.firstIndex(of: $0.reason) ?? 0) > place }
    entries.insert(Entry(reason: reason, count: 1, names: [name]), at: index ?? entries.count)
  }

  /// For example `2 hidden (.git, .DS_Store), 1 unreadable (secret)`; empty where there is none.
  public var description: String {
    entries.map { entry in
      let names = entry.names.prefix(3).map { printable($0, limit: 40) }.joined(separator: ", ")
      return "\(entry.count) \(entry.reason.words) (\(names)\(entry.count > 3 ? ", …" : ""))"
    }.joined(separator: ", ")
  }
}
