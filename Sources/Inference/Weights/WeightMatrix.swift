import CKernels
import ModelFiles

/// A weight matrix (out, in) as it lies in the checkpoint, of one or more stored tensors.
struct WeightMatrix: Sendable {
  /// Rows of one stored tensor: all of it, or those of one of several matrices that share it.
  struct Part: Sendable {
    let tensor: TensorInfo
    let rows: Int
    /// Columns of each row.
    let columns: Int
    /// The stored row of output row 0.
    let firstRow: Int
    /// Set where the stored rows of heads do not simply follow one another.
    let heads: HeadRows?
    /// Whether the tensor lies (in, out); its rows are then columns.
    let isTransposed: Bool
    /// The factors of stored elements.
    let scale: BlockScale?

    init(
      tensor: TensorInfo, rows: Int, columns: Int, firstRow: Int = 0, heads: HeadRows? = nil,
      isTransposed: Bool = false, scale: BlockScale? = nil
    ) {
      self.tensor = tensor
      self.rows = rows
      self.columns = columns
      self.firstRow = firstRow
      self.heads = heads
      self.isTransposed = isTransposed
      self.scale = scale
    }

    /// A whole tensor (rows, columns).
    init(tensor: TensorInfo) {
      self.init(tensor: tensor, rows: tensor.shape[0], columns: tensor.shape[1])
    }

    /// Some rows of a part whose rows simply follow one another.
    func rows(_ range: Range<Int>) -> Part {
      Part(
        tensor: tensor, rows: range.count, columns: columns, firstRow: firstRow + range.lowerBound,
        scale: scale)
    }

    /// The stored row that holds output `row`.
    func storedRow(_ row: Int) -> Int { firstRow + (heads?.storedRow(row) ?? row) }
  }

  /// Where the rows of a head are stored.
  struct HeadRows: Sendable {
    let headDim: Int
    /// Stored rows from one head to the next.
    let stride: Int
    /// Whether a head's rows are pairs (2i, 2i + 1) of what the product needs as halves
    /// (i, i + headDim / 2).
    let isInterleaved: Bool

    func storedRow(_ row: Int) -> Int {
      let (head, index) = row.quotientAndRemainder(dividingBy: headDim)
      guard isInterleaved else { return head * stride + index }
      let half = headDim / 2
      return head * stride + (index < half ? 2 * index : 2 * (index - half) + 1)
    }
  }

  enum Arrangement: Sendable {
    /// Parts one after another, each from a panel of its own on.
    case consecutive
    /// Two parts, gate and up, sharing every panel half and half.
    case gated
  }

  let parts: [Part]
  let arrangement: Arrangement
  /// Input columns.
  var depth: Int { parts[0].columns }

  /// First output column of part `index`, in panels of `width`.
  func firstColumn(of index: Int, panelWidth width: Int) -> Int {
    parts[..<index].reduce(0) { $0 + $1.rows.roundedUp(to: width) }
  }

  /// Output columns, whole panels of them.
  func columns(panelWidth width: Int) -> Int {
    switch arrangement {
    case .consecutive: firstColumn(of: parts.count, panelWidth: width)
    case .gated: panelCount(width: width) * width / 2
    }
  }

  func panelCount(width: Int) -> Int {
    switch arrangement {
    case .consecutive: firstColumn(of: parts.count, panelWidth: width) / width
    case .gated: (parts[0].rows + width / 2 - 1) / (width / 2)
    }
  }

  /// The stored rows of panel `index`: for each filled column of it, the part and its row.
  func rows(ofPanel index: Int, width: Int) -> [(column: Int, part: Part, row: Int)] {
    switch arrangement {
    case .consecutive:
      var panel = index
      for part in parts {
        let panels = part.rows.roundedUp(to: width) / width
        if panel < panels {
          let first = panel * width
          return (first..<min(first + width, part.rows)).map {
            ($0 - first, part, part.storedRow($0))
          }
        }
        panel -= panels
      }
      return []
    case .gated:
      let half = width / 2
      let first = index * half
      let range = first..<min(first + half, parts[0].rows)
      return range.map { ($0 - first, parts[0], parts[0].storedRow($0)) }
        + range.map { ($0 - first + half, parts[1], parts[1].storedRow($0)) }
    }
  }
}
