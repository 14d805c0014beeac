import Results

/// A table of a result, ready to be written in any format.
///
/// To add one: a file in `Tables` with a type that conforms to `ResultTable`, and a line in
/// `TableRegistry`.
public struct ReportTable: Sendable, Equatable {
  /// A number, its error, or what is told apart by name.
  public enum Cell: Sendable, Equatable {
    case integer(Int?)
    /// Written with the decimals of its column; the error, where there is one, follows.
    case measure(Double?, error: Double?)
    case answer(Answer?)
  }

  public struct Column: Sendable, Equatable {
    /// As people read it.
    public var title: String
    /// Column of the value in CSV.
    public var key: String
    /// Column of the error in CSV; `nil` where the measure has none.
    public var errorKey: String?
    var format: NumberFormat
    public var cells: [Cell]
  }

  public var title: String
  /// What was measured, in parts as a caption has them.
  public var captionParts: [String]
  public var columns: [Column]

  public var rowCount: Int { columns.first?.cells.count ?? 0 }
}

/// A kind of table.
public protocol ResultTable: Sendable {
  /// What the command line calls it, for example `kv-heads`.
  static var name: String { get }
  static func table(_ result: AnalysisResult, rows: TableRows) -> ReportTable
}

/// Which rows of a table are wanted.
public struct TableRows: Sendable, Equatable {
  /// Layers to show; `nil` for all.
  public var layers: Set<Int>?

  public init(layers: Set<Int>? = nil) { self.layers = layers }

  func contains(layer: Int) -> Bool { layers?.contains(layer) ?? true }
}

/// Every table there is; the first is the default.
public enum TableRegistry {
  public static let all: [any ResultTable.Type] = [
    LayersTable.self,
    HeadsTable.self,
    KVHeadsTable.self,
  ]

  public static func named(_ name: String) -> (any ResultTable.Type)? {
    all.first { $0.name == name }
  }
}

extension ReportTable.Column {
  static func integers(_ title: String, _ key: String, _ values: [Int?]) -> Self {
    Self(
      title: title, key: key, errorKey: nil, format: .fixed(0),
      cells: values.map { .integer($0) })
  }

  static func measures(
    _ title: String, _ key: String, _ values: [Double?], errors: [Double?]? = nil,
    format: NumberFormat? = nil
  ) -> Self {
    Self(
      title: title, key: key, errorKey: errors == nil ? nil : key + "_se",
      format: format ?? NumberFormat(for: values.compactMap { $0 }),
      cells: values.indices.map { .measure(values[$0], error: errors?[$0]) })
  }

  /// The measures that heads and KV heads share.
  static func measures(of rows: [Measures]) -> [Self] {
    [
      .measures("ALR", "alr", rows.map(\.alr), errors: rows.map(\.alrSE)),
      .measures(
        "ALR / n", "alr_normalized", rows.map(\.alrNormalized), format: MeasureFormat.normalized),
      .measures(
        "ALR ratio", "alr_ratio", rows.map(\.alrRatio), errors: rows.map(\.alrRatioSE),
        format: MeasureFormat.ratio),
      .measures("Spearman", "spearman", rows.map(\.spearman), format: MeasureFormat.spearman),
    ]
  }
}
