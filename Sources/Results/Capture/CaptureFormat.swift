import ModelFiles

/// How a capture is stored.
public enum CaptureFormat: String, Sendable, CaseIterable {
  /// Arrays as NumPy reads them, beside `capture.json`.
  case npz
  /// Arrays as tensors; the text of `capture.json` is the metadata's `capture`.
  case safetensors

  /// The format that the ending of `path` names; `nil` where it names none.
  public init?(path: String) {
    guard let format = Self.allCases.first(where: { path.hasSuffix(".\($0.rawValue)") }) else {
      return nil
    }
    self = format
  }

  /// What a capture is called in a folder.
  public var fileName: String { "capture.\(rawValue)" }

  /// Bytes of arrays that a file can hold; `nil` where there is no limit.
  public var mostBytes: Int? {
    // An archive without zip64 records has 32 bits for its offsets.
    self == .npz ? Int(UInt32.max) - (1 << 24) : nil
  }

  static let schemaName = "alr-capture"
  static let schema = "\(schemaName)/1"
  /// The text beside the arrays of an NPZ archive.
  static let textName = "capture.json"
  /// The key of that text in the metadata of a safetensors file.
  static let metadataKey = "capture"

  /// The file of `capture`; equal captures are equal bytes.
  public func encode(_ capture: PromptCapture) throws(NPZError) -> [UInt8] {
    let text = CaptureText.json(capture)
    let arrays = Self.arrays(capture.arrays)
    switch self {
    case .npz:
      return try NPZWriter.archive(
        arrays, texts: [(Self.textName, JSONWriter.bytes(of: text))])
    case .safetensors:
      return SafetensorsWriter.file(
        arrays,
        metadata: [(Self.metadataKey, JSONWriter.string(of: text, style: .compact))])
    }
  }

  /// Those of eight bytes first: then every array is aligned to its elements.
  private static func arrays(
    _ arrays: CaptureArrays
  ) -> [(name: String, array: any StoredArray)] {
    var named: [(name: String, array: any StoredArray)] = []
    func add(_ name: String, _ array: (any StoredArray)?) {
      if let array { named.append((name, array)) }
    }
    add("key_norms", arrays.keyNorms)
    switch arrays.attention {
    case .dense(let map): add("attention", map)
    case .sparse(let sparse):
      add("attention_offsets", sparse.offsets)
      add("attention_positions", sparse.positions)
      add("attention_scores", sparse.scores)
    case nil: break
    }
    add("keys", arrays.keys)
    add("values", arrays.values)
    add("rotated_keys", arrays.rotatedKeys)
    add("rotated_queries", arrays.rotatedQueries)
    return named
  }
}

/// `capture.json`: everything of a capture but its arrays.
enum CaptureText {
  static func json(_ capture: PromptCapture) -> JSONValue {
    var threshold: Double?
    if case .sparse(let sparse) = capture.arrays.attention { threshold = sparse.threshold }
    return [
      "schema": .string(CaptureFormat.schema),
      "tool": .string(capture.tool),
      "model": capture.model.json,
      "precision": .string(capture.precision),
      "isa": .string(capture.isa),
      "rope": capture.rope.map(JSONValue.string) ?? .null,
      "parts": .array(capture.parts.map { .string($0.rawValue) }),
      "threshold": .double(threshold),
      "heads": .array(capture.heads.map(JSONValue.int)),
      "kv_heads": .array(capture.kvHeads.map(JSONValue.int)),
      "layers": .array(
        capture.layers.map { ["layer": .int($0.layer), "window": JSONValue($0.window)] }),
      "attention_scale": .double(capture.attentionScale),
      "attention_soft_cap": .double(capture.attentionSoftCap),
      "added_bos": .bool(capture.hasAddedBOS),
      "tokens": .array(
        capture.tokens.map { token in
          [
            "id": .int(token.id), "piece": .string(token.piece),
            "bytes": .string(ByteText.escaped(token.bytes)),
          ]
        }),
    ]
  }
}
