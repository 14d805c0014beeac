/// How a file stores the elements of a tensor.
///
/// The raw value is the name that both formats and all messages use. Every type listed here has
/// a known layout, so files that hold it can be opened and inspected; only some can be computed
/// with.
///
/// Cases are spelled as the field spells them, underscores included.
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum StoredType: String, Sendable, Hashable, CaseIterable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case f8E4M3 = "F8_E4M3"
  case f8E5M2 = "F8_E5M2"

  case q8_0 = "Q8_0"
  case q4_0 = "Q4_0"
  case q4_1 = "Q4_1"
  case q5_0 = "Q5_0"
  case q5_1 = "Q5_1"
  case q2_K = "Q2_K"
  case q3_K = "Q3_K"
  case q4_K = "Q4_K"
  case q5_K = "Q5_K"
  case q6_K = "Q6_K"

  case f64 = "F64"
  case c64 = "C64"
  case f8E8M0 = "F8_E8M0"
  case f8E4M3FNUZ = "F8_E4M3FNUZ"
  case f8E5M2FNUZ = "F8_E5M2FNUZ"
  case f6E2M3 = "F6_E2M3"
  case f6E3M2 = "F6_E3M2"
  case f4 = "F4"
  case bool = "BOOL"
  case i8 = "I8"
  case i16 = "I16"
  case i32 = "I32"
  case i64 = "I64"
  case u8 = "U8"
  case u16 = "U16"
  case u32 = "U32"
  case u64 = "U64"

  case q8_1 = "Q8_1"
  case q8_K = "Q8_K"
  case iq1_S = "IQ1_S"
  case iq1_M = "IQ1_M"
  case iq2_XXS = "IQ2_XXS"
  case iq2_XS = "IQ2_XS"
  case iq2_S = "IQ2_S"
  case iq3_XXS = "IQ3_XXS"
  case iq3_S = "IQ3_S"
  case iq4_NL = "IQ4_NL"
  case iq4_XS = "IQ4_XS"
  case tq1_0 = "TQ1_0"
  case tq2_0 = "TQ2_0"
  case mxfp4 = "MXFP4"
  case nvfp4 = "NVFP4"
  case q1_0 = "Q1_0"

  /// The name that the file formats use, for example `Q4_K`.
  public var name: String { rawValue }

  /// Elements that are packed together; 1 where elements stand alone.
  public var elementsPerBlock: Int { layout.elements }

  /// Bytes that one block takes.
  public var bytesPerBlock: Int { layout.bytes }

  /// Bytes of `elements` elements; `nil` where they are no whole number of blocks, are negative
  /// or overflow.
  public func byteCount(elements: Int) -> Int? {
    let (blocks, rest) = elements.quotientAndRemainder(dividingBy: elementsPerBlock)
    let (bytes, overflow) = blocks.multipliedReportingOverflow(by: bytesPerBlock)
    return rest == 0 && elements >= 0 && !overflow ? bytes : nil
  }

  /// Block sizes as the two formats define them; K and IQ types pack 256 elements.
  private var layout: (elements: Int, bytes: Int) {
    switch self {
    case .f64, .c64, .i64, .u64: (1, 8)
    case .f32, .i32, .u32: (1, 4)
    case .f16, .bf16, .i16, .u16: (1, 2)
    case .f8E4M3, .f8E5M2, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ, .bool, .i8, .u8: (1, 1)
    case .f6E2M3, .f6E3M2: (4, 3)
    case .f4: (2, 1)
    case .q4_0, .iq4_NL: (32, 18)
    case .q4_1: (32, 20)
    case .q5_0: (32, 22)
    case .q5_1: (32, 24)
    case .q8_0: (32, 34)
    case .q8_1: (32, 40)
    case .mxfp4: (32, 17)
    case .nvfp4: (64, 36)
    case .q1_0: (128, 18)
    case .q2_K: (256, 84)
    case .q3_K, .iq3_S: (256, 110)
    case .q4_K: (256, 144)
    case .q5_K: (256, 176)
    case .q6_K: (256, 210)
    case .q8_K: (256, 292)
    case .iq1_S: (256, 50)
    case .iq1_M: (256, 56)
    case .iq2_XXS, .tq2_0: (256, 66)
    case .iq2_XS: (256, 74)
    case .iq2_S: (256, 82)
    case .iq3_XXS: (256, 98)
    case .iq4_XS: (256, 136)
    case .tq1_0: (256, 54)
    }
  }
}
