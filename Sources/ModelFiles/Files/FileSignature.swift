import Foundation

/// What a file is, as far as its first bytes tell: for opening files without a telling name, and
/// for saying what was given in place of what is needed.
public enum FileSignature: Sendable, Equatable {
  case gguf, safetensors
  /// What llama.cpp read before GGUF.
  case olderGGML
  case gitLFSPointer
  /// As a download leaves where it got an error, or a page about the file.
  case webPage
  /// A pickle, or PyTorch's archive of one.
  case pickle
  case numPyArchive, zipArchive, tarArchive
  /// By its program's name, such as `gzip`.
  case compressed(String)
  /// By its format's name, such as `PNG`.
  case image(String)
  case pdf
  /// HDF5, as Keras saves weights.
  case hdf5
  /// A program, llamafiles among them.
  case program
  /// An output of this tool: what its `schema` says.
  case ownJSON(schema: String)
  case json
  case text
  case empty
  /// Nothing known, and no text.
  case binary

  /// Looks at the first bytes of the file at `path`; `nil` where it is no regular file or cannot be
  /// read.
  public init?(_ path: String) {
    guard PathKind(path) == .file, let file = try? MappedFile(path) else { return nil }
    self = file.withBytes { Self($0) }
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty {
      self = .empty
    } else if let known = Self.magics.first(where: { Self.matches(bytes, $0.bytes, $0.offset) }) {
      self = known.signature == .zipArchive ? Self.archive(bytes) : known.signature
    } else if Self.isSafetensors(bytes) {
      self = .safetensors
    } else {
      self = Self.text(bytes)
    }
  }

  private static let magics: [(bytes: [UInt8], offset: Int, signature: FileSignature)] = [
    (Array("GGUF".utf8), 0, .gguf),
    // Numbers of 32 bits in little-endian order: backwards.
    (Array("tjgg".utf8), 0, .olderGGML), (Array("fmgg".utf8), 0, .olderGGML),
    (Array("lmgg".utf8), 0, .olderGGML), (Array("algg".utf8), 0, .olderGGML),
    (Array("version https://git-lfs".utf8), 0, .gitLFSPointer),
    (Array("PK\u{3}\u{4}".utf8), 0, .zipArchive), (Array("PK\u{5}\u{6}".utf8), 0, .zipArchive),
    ([0x1F, 0x8B], 0, .compressed("gzip")), ([0x28, 0xB5, 0x2F, 0xFD], 0, .compressed("zstd")),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], 0, .compressed("xz")),
    (Array("BZh".utf8), 0, .compressed("bzip2")),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, .compressed("7-Zip")),
    ([0x89, 0x50, 0x4E, 0x47], 0, .image("PNG")), ([0xFF, 0xD8, 0xFF], 0, .image("JPEG")),
    (Array("GIF8".utf8), 0, .image("GIF")), (Array("WEBP".utf8), 8, .image("WebP")),
    (Array("%PDF-".utf8), 0, .pdf), ([0x89, 0x48, 0x44, 0x46], 0, .hdf5),
    ([0x7F, 0x45, 0x4C, 0x46], 0, .program), (Array("MZqFpD".utf8), 0, .program),
    (Array("ustar".utf8), 257, .tarArchive),
    ([0x80, 2, 0x7D], 0, .pickle), ([0x80, 2, 0x63], 0, .pickle), ([0x80, 2, 0x8A], 0, .pickle),
    ([0x80, 3], 0, .pickle), ([0x80, 4, 0x95], 0, .pickle), ([0x80, 5, 0x95], 0, .pickle),
  ]

  private static func matches(
    _ bytes: UnsafeRawBufferPointer, _ magic: [UInt8], _ offset: Int
  ) -> Bool {
    bytes.count >= offset + magic.count && bytes.dropFirst(offset).starts(with: magic)
  }

  /// A zip archive by the name of its first member.
  private static func archive(_ bytes: UnsafeRawBufferPointer) -> FileSignature {
    guard bytes.count >= 30 else { return .zipArchive }
    let length = Int(bytes.loadUnaligned(fromByteOffset: 26, as: UInt16.self).littleEndian)
    let name = String(decoding: bytes.dropFirst(30).prefix(length), as: UTF8.self)
    if name.hasSuffix(".npy") || name == "capture.json" { return .numPyArchive }
    // PyTorch's is NAME/data.pkl, the first member of it.
    return name.hasSuffix("data.pkl") ? .pickle : .zipArchive
  }

  /// The length of a header, and the brace that it begins with.
  private static func isSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 10 else { return false }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard (2...100_000_000).contains(length) else { return false }
    return bytes[8...].prefix(64).first { $0 != 0x20 } == UInt8(ascii: "{")
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> FileSignature {
    var start = bytes.prefix(4096)
    // The last character may be cut in two.
    while bytes.count > 4096, let last = start.last, last >= 0x80 { start = start.dropLast() }
    guard !start.contains(0), let head = String(validating: start, as: UTF8.self) else {
      return .binary
    }
    let trimmed = head.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let tag = trimmed.prefix(14).lowercased()
    if tag.hasPrefix("<!doctype html") || tag.hasPrefix("<html") { return .webPage }
    // It comes first in what this tool writes.
    if let match = trimmed.prefixMatch(of: /\{\s*"schema":\s*"(alr-[a-z-]+\/[0-9]+)"/) {
      return .ownJSON(schema: String(match.1))
    }
    if trimmed.hasPrefix("{\"") || trimmed.wholeMatch(of: /(?s)\{\s+".*/) != nil { return .json }
    return .text
  }
}

extension FileSignature: CustomStringConvertible {
  /// With its article, such as `a PNG image`.
  public var description: String {
    switch self {
    case .gguf: "a GGUF model"
    case .safetensors: "a safetensors file"
    case .olderGGML: "a GGML file of the time before GGUF"
    case .gitLFSPointer: "a Git LFS pointer"
    case .webPage: "a web page"
    case .pickle: "a pickle file"
    case .numPyArchive: "a NumPy archive"
    case .zipArchive: "a zip archive"
    case .tarArchive: "a tar archive"
    case .compressed(let program): "a file compressed with \(program)"
    case .image(let format): "a \(format) image"
    case .pdf: "a PDF document"
    case .hdf5: "an HDF5 file"
    case .program: "a program"
    case .ownJSON(let schema): "an output of this tool (\(schema))"
    case .json: "a JSON file"
    case .text: "a text"
    case .empty: "an empty file"
    case .binary: "a file of an unknown kind"
    }
  }

  /// Whether no reading of it as text makes sense, whatever it is called.
  public var isNoText: Bool {
    switch self {
    case .gguf, .safetensors, .olderGGML, .gitLFSPointer, .pickle, .numPyArchive, .zipArchive,
      .tarArchive, .image, .pdf, .hdf5, .program, .ownJSON:
      true
    case .compressed(let program): program != "gzip"
    case .webPage, .json, .text, .empty, .binary: false
    }
  }
}
