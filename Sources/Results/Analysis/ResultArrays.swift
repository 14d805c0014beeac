import ModelFiles

/// Points of a loss curve: compression 0 %, 1 %, … 100 %.
public let curvePointCount = 101

/// Points of an output error curve: compression 0 %, 5 %, … 100 %.
public let errorPointCount = 21

/// A dense float64 array in C order.
public typealias NumericArray = NumberArray<Double>

/// An array of `arrays.npz`, as the file calls it; NaN where undefined or outside a layer's window.
///
/// What is written, read and summed of them follows from this list: a new one is a case, its axes,
/// and where its numbers come from.
public enum ResultArray: String, Sendable, CaseIterable {
  case alr
  case randomALR = "random_alr"
  case spearman
  case kvALR = "kv_alr"
  case kvRandomALR = "kv_random_alr"
  /// Mean attention loss at m = floor(i·n_l/100), by fold (chunk index mod 8).
  case attentionLoss = "attention_loss"
  case referenceLoss = "reference_loss"
  case kvAttentionLoss = "kv_attention_loss"
  case kvReferenceLoss = "kv_reference_loss"
  /// Chunks in each fold.
  case foldChunks = "fold_chunks"
  case keyNormMean = "key_norm_mean"
  case attentionMean = "attention_mean"
  case alrNormalized = "alr_normalized"
  case kvALRNormalized = "kv_alr_normalized"
  case kvSpearman = "kv_spearman"
  /// Mean relative output error at m = floor(i·n_l/20), by fold; where it was asked for.
  case kvOutputError = "kv_output_error"
  /// Each chunk's index in the whole corpus, ascending.
  case chunkIndex = "chunk_index"

  /// A dimension of an array.
  public enum Axis: Sendable {
    case chunks, folds, layers, heads, kvHeads, curvePoints, errorPoints, positions
  }

  /// Folds that curves are kept in: fold = chunk index mod 8.
  public static let foldCount = 8

  public var axes: [Axis] {
    switch self {
    case .alr, .randomALR, .spearman, .alrNormalized: [.chunks, .layers, .heads]
    case .kvALR, .kvRandomALR, .kvSpearman, .kvALRNormalized: [.chunks, .layers, .kvHeads]
    case .attentionLoss, .referenceLoss: [.folds, .layers, .heads, .curvePoints]
    case .kvAttentionLoss, .kvReferenceLoss: [.folds, .layers, .kvHeads, .curvePoints]
    case .kvOutputError: [.folds, .layers, .kvHeads, .errorPoints]
    case .foldChunks: [.folds]
    case .keyNormMean: [.layers, .kvHeads, .positions]
    case .attentionMean: [.layers, .heads, .positions]
    case .chunkIndex: [.chunks]
    }
  }

  /// Whether results are read without it: it is measured on request, or was not kept before.
  var mayBeMissing: Bool {
    switch self {
    case .alrNormalized, .kvALRNormalized, .kvSpearman, .kvOutputError, .chunkIndex: true
    default: false
    }
  }
}

/// The arrays of a result.
public struct ResultArrays: Sendable, Equatable {
  private var arrays: [ResultArray: NumericArray]

  public init(_ arrays: [ResultArray: NumericArray] = [:]) { self.arrays = arrays }

  /// One array; empty, of shape (0), where the result has none of that name.
  public subscript(_ array: ResultArray) -> NumericArray {
    get { arrays[array] ?? NumericArray(shape: [0], values: []) }
    set { arrays[array] = newValue }
  }

  /// Whether the result has it.
  public func has(_ array: ResultArray) -> Bool { arrays[array] != nil }
}
