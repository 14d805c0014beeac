import CKernels

extension StoredType {
  /// The kernel's name for this type; `nil` where it cannot be computed with.
  public var kernelType: alr_stored_type? {
    switch self {
    case .f32: ALR_STORED_F32
    case .f16: ALR_STORED_F16
    case .bf16: ALR_STORED_BF16
    case .f8E4M3: ALR_STORED_F8_E4M3
    case .f8E5M2: ALR_STORED_F8_E5M2
    case .q8_0: ALR_STORED_Q8_0
    case .q4_0: ALR_STORED_Q4_0
    case .q4_1: ALR_STORED_Q4_1
    case .q5_0: ALR_STORED_Q5_0
    case .q5_1: ALR_STORED_Q5_1
    case .q2_K: ALR_STORED_Q2_K
    case .q3_K: ALR_STORED_Q3_K
    case .q4_K: ALR_STORED_Q4_K
    case .q5_K: ALR_STORED_Q5_K
    case .q6_K: ALR_STORED_Q6_K
    default: nil
    }
  }

  /// Whether tensors of this type can be widened to float32.
  public var isComputable: Bool { kernelType != nil }

  /// Widens whole blocks to float32: as many as fill `destination`.
  ///
  /// - Returns: Whether anything was done: `false` where the type cannot be computed with, where
  ///   `destination` holds no whole number of blocks, or where `source` is not exactly as long.
  public func dequantize(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    guard let kernelType, byteCount(elements: destination.count) == source.count else {
      return false
    }
    guard let from = source.baseAddress, let to = destination.baseAddress else { return true }
    alr_dequantize(kernelType, from, to, destination.count)
    return true
  }
}
