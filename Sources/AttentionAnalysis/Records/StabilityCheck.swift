import Results

/// What a run that goes on until it is stable looks at after every so many chunks.
struct StabilityCheck: Sendable, Equatable {
  let chunks: Int
  /// The recommendation's, by layer.
  let answers: [Answer?]
  /// The largest `alr_ratio_se` of the layers that have a ratio; `nil` where one of them has no
  /// error.
  let error: Double?
}
