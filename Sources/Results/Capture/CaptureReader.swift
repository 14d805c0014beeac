import ModelFiles

/// Reads a capture warily: it may come from anywhere.
///
/// Every shape is held against the tokens, layers and heads that are listed before anything is
/// read by it.
enum CaptureReader {
  typealias Problem = ResultsFolderProblem

  /// One of the two formats, opened.
  private enum Store {
    case npz(NPZReader)
    case safetensors(SafetensorsArrays)

    func array<Element: StoredNumber>(
      _ name: String, of type: Element.Type, shape: [Int]?
    ) throws(Problem) -> NumberArray<Element> {
      let array: NumberArray<Element>
      switch self {
      case .npz(let archive):
        do throws(NPZError) {
          array = try archive.array(name, of: type)
        } catch {
          throw .array(error.problem)
        }
      case .safetensors(let file):
        guard let found = file.array(name, of: type) else {
          throw .noArray(name, type: Element.storedType)
        }
        array = found
      }
      if let shape, array.shape != shape {
        throw .wrongShape(array: name, found: array.shape, expected: shape)
      }
      return array
    }
  }

  static func read(_ path: String) throws(Problem) -> PromptCapture {
    let (document, store) = try open(path)
    return try capture(document, store)
  }

  /// Whether the file says of itself that it is a capture; its arrays are not read.
  static func isCapture(_ path: String) -> Bool {
    guard CaptureFormat(path: path) != nil, let document = try? open(path).document else {
      return false
    }
    return document.root["schema"]?.string?.hasPrefix(CaptureFormat.schemaName + "/") ?? false
  }

  private static func open(
    _ path: String
  ) throws(Problem) -> (document: JSONDocument, store: Store) {
    let store: Store
    let text: [UInt8]
    if path.hasSuffix(".\(CaptureFormat.safetensors.rawValue)") {
      let file: SafetensorsArrays
      do throws(CheckpointError) {
        file = try SafetensorsArrays(path)
      } catch {
        if case .file(let problem) = error.problem { throw .file(problem) }
        throw .checkpoint(error.problem)
      }
      let entry = file.metadata.first { $0.key.utf8.elementsEqual(CaptureFormat.metadataKey.utf8) }
      guard let entry else { throw .notACapture }
      text = Array(entry.value.utf8)
      store = .safetensors(file)
    } else {
      do throws(NPZError) {
        let archive = try NPZReader(path)
        text = try archive.text(CaptureFormat.textName)
        store = .npz(archive)
      } catch {
        throw .array(error.problem)
      }
    }
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(parsing: text)
    } catch {
      throw .json(error)
    }
    return (document, store)
  }

  private static func capture(
    _ document: JSONDocument, _ store: Store
  ) throws(Problem) -> PromptCapture {
    guard document.root.kind == .object else {
      throw .wrongType(field: CaptureFormat.textName, expected: "an object")
    }
    let root = ResultField(document.root, path: "result")
    let schema = try root.string("schema")
    guard schema.utf8.elementsEqual(CaptureFormat.schema.utf8) else {
      throw .wrongSchema("\"\(schema.prefix(40))\"", expected: CaptureFormat.schema)
    }
    let model = try ModelSummary(root.member("model"))
    let heads = try indices(root.member("heads"), below: model.heads)
    var capture = PromptCapture(
      tool: try root.string("tool"), model: model, precision: try root.string("precision"),
      isa: try root.string("isa"), rope: try root.optionalString("rope"),
      tokens: try tokens(root.member("tokens")),
      hasAddedBOS: try root.bool("added_bos"),
      layers: try layers(root.member("layers"), below: model.layers), heads: heads,
      attentionScale: try root.double("attention_scale") ?? 0,
      attentionSoftCap: try root.double("attention_soft_cap"), arrays: CaptureArrays())
    guard try root.member("kv_heads").elements().map(\.node.int) == capture.kvHeads else {
      throw .inconsistent(field: "kv_heads", expected: "those that the heads read")
    }
    let threshold = try root.double("threshold")
    for row in try root.member("parts").elements() {
      guard let part = row.node.string.flatMap(CapturePart.init) else {
        throw .wrongType(
          field: row.path,
          expected: "one of \(CapturePart.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      try read(part, threshold, of: store, into: &capture)
    }
    return capture
  }

  private static func read(
    _ part: CapturePart, _ threshold: Double?, of store: Store, into capture: inout PromptCapture
  ) throws(Problem) {
    let n = capture.tokens.count
    let norms = [capture.layers.count, capture.kvHeads.count, n]
    let vectors = norms + [capture.model.headDim]
    let maps = [capture.layers.count, capture.heads.count, n]
    switch part {
    case .attention:
      if let threshold {
        capture.arrays.attention = .sparse(
          try sparse(store, threshold, capture))
      } else {
        let map = try store.array("attention", of: Float.self, shape: maps + [n])
        try check(map, "attention") { (0...1.001).contains($0) }
        capture.arrays.attention = .dense(map)
      }
    case .keyNorms:
      let array = try store.array("key_norms", of: Double.self, shape: norms)
      guard array.values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw .inconsistent(field: "key_norms", expected: "finite and not negative")
      }
      capture.arrays.keyNorms = array
    case .keys: capture.arrays.keys = try finite("keys", vectors, store)
    case .values: capture.arrays.values = try finite("values", vectors, store)
    case .rotatedKeys: capture.arrays.rotatedKeys = try finite("rotated_keys", vectors, store)
    case .rotatedQueries:
      capture.arrays.rotatedQueries = try finite(
        "rotated_queries", maps + [capture.model.headDim], store)
    }
  }

  private static func finite(
    _ name: String, _ shape: [Int], _ store: Store
  ) throws(Problem) -> NumberArray<Float> {
    let array = try store.array(name, of: Float.self, shape: shape)
    guard array.values.allSatisfy(\.isFinite) else {
      throw .inconsistent(field: name, expected: "finite")
    }
    return array
  }

  private static func check(
    _ array: NumberArray<Float>, _ name: String, _ holds: (Float) -> Bool
  ) throws(Problem) {
    guard array.values.allSatisfy(holds) else {
      throw .inconsistent(field: name, expected: "scores from 0 to 1")
    }
  }

  private static func sparse(
    _ store: Store, _ threshold: Double, _ capture: PromptCapture
  ) throws(Problem) -> SparseAttention {
    let n = capture.tokens.count
    let offsets = try store.array("attention_offsets", of: Int64.self, shape: nil)
    let rows = offsets.values.count - 1
    // Lists that were read are short enough for two of them to be multiplied, not for three.
    let (wanted, overflow) = n.multipliedReportingOverflow(
      by: capture.layers.count * capture.heads.count)
    guard offsets.shape.count == 1, rows == wanted, !overflow else {
      throw .inconsistent(field: "attention_offsets", expected: "one more than there are rows")
    }
    let positions = try store.array("attention_positions", of: Int32.self, shape: nil)
    let count = positions.values.count
    guard positions.shape.count == 1 else {
      throw .wrongShape(array: "attention_positions", found: positions.shape, expected: [count])
    }
    let scores = try store.array("attention_scores", of: Float.self, shape: [count])
    try check(scores, "attention_scores") { (0...1.001).contains($0) }
    guard offsets.values.first == 0, offsets.values.last == Int64(count),
      zip(offsets.values, offsets.values.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw .inconsistent(field: "attention_offsets", expected: "ascending from 0 to \(count)")
    }
    for row in 0..<rows {
      var last: Int32 = -1
      for entry in Int(offsets.values[row])..<Int(offsets.values[row + 1]) {
        let position = positions.values[entry]
        guard position > last, position <= row % n else {
          throw .inconsistent(
            field: "attention_positions", expected: "ascending up to the query in row \(row)")
        }
        last = position
      }
    }
    return SparseAttention(
      threshold: threshold, offsets: offsets, positions: positions, scores: scores)
  }

  private static func tokens(_ field: ResultField) throws(Problem) -> [CapturedToken] {
    var tokens: [CapturedToken] = []
    for row in try field.elements() {
      guard let bytes = ByteText.bytes(try row.string("bytes")) else {
        throw .wrongType(field: "\(row.path).bytes", expected: "bytes with \\x escapes")
      }
      tokens.append(
        CapturedToken(
          id: try row.count("id", 0...), piece: try row.string("piece"), bytes: bytes))
    }
    guard !tokens.isEmpty else { throw .inconsistent(field: "tokens", expected: "at least one") }
    return tokens
  }

  private static func layers(
    _ field: ResultField, below bound: Int
  ) throws(Problem) -> [CapturedLayer] {
    var layers: [CapturedLayer] = []
    for row in try field.elements() {
      let layer = CapturedLayer(
        layer: try row.count("layer", 0...bound - 1),
        window: try row.optionalCount("window", 1...))
      guard layer.layer > layers.last?.layer ?? -1 else {
        throw .inconsistent(field: row.path, expected: "after the layer before it")
      }
      layers.append(layer)
    }
    guard !layers.isEmpty else { throw .inconsistent(field: "layers", expected: "at least one") }
    return layers
  }

  /// Ascending and at least one.
  private static func indices(
    _ field: ResultField, below bound: Int
  ) throws(Problem) -> [Int] {
    var indices: [Int] = []
    for row in try field.elements() {
      guard let index = row.node.int, index > indices.last ?? -1, index < bound else {
        throw .inconsistent(field: row.path, expected: "ascending and below \(bound)")
      }
      indices.append(index)
    }
    guard !indices.isEmpty else { throw .inconsistent(field: field.path, expected: "not empty") }
    return indices
  }
}

extension PromptCapture {
  /// Reads a capture back from an `.npz` or `.safetensors` file, checking everything.
  ///
  /// - Throws: `ResultsFolderError` naming the file, the field and the broken rule.
  public static func read(_ path: String) throws(ResultsFolderError) -> PromptCapture {
    do throws(ResultsFolderProblem) {
      return try CaptureReader.read(path)
    } catch {
      throw ResultsFolderError(path: path, problem: error)
    }
  }
}
