extension StoredType {
  /// The type that a GGUF file means by `code`.
  init(ggufCode code: UInt32) throws(GGUFTypeProblem) {
    switch code {
    case 0: self = .f32
    case 1: self = .f16
    case 2: self = .q4_0
    case 3: self = .q4_1
    case 6: self = .q5_0
    case 7: self = .q5_1
    case 8: self = .q8_0
    case 9: self = .q8_1
    case 10: self = .q2_K
    case 11: self = .q3_K
    case 12: self = .q4_K
    case 13: self = .q5_K
    case 14: self = .q6_K
    case 15: self = .q8_K
    case 16: self = .iq2_XXS
    case 17: self = .iq2_XS
    case 18: self = .iq3_XXS
    case 19: self = .iq1_S
    case 20: self = .iq4_NL
    case 21: self = .iq3_S
    case 22: self = .iq2_S
    case 23: self = .iq4_XS
    case 24: self = .i8
    case 25: self = .i16
    case 26: self = .i32
    case 27: self = .i64
    case 28: self = .f64
    case 29: self = .iq1_M
    case 30: self = .bf16
    case 34: self = .tq1_0
    case 35: self = .tq2_0
    case 39: self = .mxfp4
    case 40: self = .nvfp4
    case 41: self = .q1_0
    case 4: throw .removed("Q4_2")
    case 5: throw .removed("Q4_3")
    case 31: throw .removed("Q4_0_4_4")
    case 32: throw .removed("Q4_0_4_8")
    case 33: throw .removed("Q4_0_8_8")
    case 36: throw .removed("IQ4_NL_4_4")
    case 37: throw .removed("IQ4_NL_4_8")
    case 38: throw .removed("IQ4_NL_8_8")
    default: throw .unknown(code)
    }
  }
}

/// Why a tensor type code of a GGUF file means nothing.
enum GGUFTypeProblem: Error, Hashable {
  case unknown(UInt32)
  /// A type that the format once had, by its old name.
  case removed(String)
}
