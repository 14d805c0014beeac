extension StoredType {
  /// The type that a safetensors header means by `dtype`; case matters.
  init?(safetensorsName dtype: String) {
    guard let type = StoredType(rawValue: dtype), Self.safetensors.contains(type) else {
      return nil
    }
    self = type
  }

  private static let safetensors: Set<StoredType> = [
    .bool, .u8, .i8, .u16, .i16, .u32, .i32, .u64, .i64,
    .f16, .bf16, .f32, .f64, .c64,
    .f8E4M3, .f8E5M2, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ, .f6E2M3, .f6E3M2, .f4,
  ]
}
