import ModelFiles

/// Why a model cannot be run; `description` is one line, and all wording is here.
public enum InferenceError: Error, Sendable, Equatable {
  case unknownInstructionSet(String)
  case unavailableInstructionSet(String)
  case unknownArchitecture(String, known: [String])
  case notDecoderOnly(String)
  case unsuitableAttention(String, reason: String)
  case missingField(String)
  case invalidField(String, expected: String)
  case conflictingFields(String, String)
  case unsupportedValue(field: String, value: String)
  case missingTensors([String])
  /// Logits are wanted of a checkpoint without an output matrix.
  case noOutput
  /// Fewer tensors than layers.
  case tooFewTensors(Int, layers: Int)
  case mismatchedTensors([TensorMismatch])
  case unsupportedType(tensor: String, type: String)
  case nonFiniteWeights(tensor: String)
  case unknownRotaryTensor(String)
  case unsuitableRotaryOverride(reason: String)
  case tokenOutOfRange(id: Int, vocabulary: Int)
  case tooManyPositions(Int, limit: Int)
  /// Weights made for timing find no room.
  case cannotWrite(path: String, reason: String)

  /// A tensor that has another shape than the configuration asks for.
  public struct TensorMismatch: Sendable, Equatable {
    public let name: String
    public let found: [Int]
    public let expected: [Int]
  }
}

extension InferenceError: CustomStringConvertible {
  /// Lists stop after this many entries: the rest repeats the first ones.
  private static let listed = 10

  public var description: String {
    switch self {
    case .unknownInstructionSet(let name):
      "unknown instruction set '\(printable(name))'; ALR_ISA is one of \(Kernels.names.joined(separator: ", "))"
    case .unavailableInstructionSet(let name):
      "this processor cannot run the kernels '\(printable(name))' that ALR_ISA asks for"
    case .unknownArchitecture(let name, let known):
      "architecture '\(printable(name))' is not supported; known are \(known.joined(separator: ", "))"
    case .notDecoderOnly(let name):
      "'\(printable(name))' has an encoder; a decoder-only model is needed"
    case .unsuitableAttention(let name, let reason):
      "'\(printable(name))' \(reason); a model that caches one key for each position is needed"
    case .missingField(let field):
      "the configuration has no '\(printable(field))'"
    case .invalidField(let field, let expected):
      "'\(printable(field))' of the configuration must be \(expected)"
    case .conflictingFields(let first, let second):
      "the configuration contradicts itself: '\(printable(first))' and '\(printable(second))' differ"
    case .unsupportedValue(let field, let value):
      "'\(printable(field))' of the configuration is '\(printable(value))', which is not supported"
    case .missingTensors(let names):
      "\(names.count) \(names.count == 1 ? "tensor is" : "tensors are") missing: \(Self.list(names.map { printable($0) }))"
    case .noOutput:
      "the checkpoint has no output matrix (lm_head): attention can be measured with --query next, "
        + "last or all, but no token can be predicted"
    case .tooFewTensors(let count, let layers):
      "the weights have \(count) tensors, too few for the \(layers) layers of the configuration"
    case .mismatchedTensors(let tensors):
      "tensors of another shape than the configuration asks for: "
        + Self.list(tensors.map { "\(printable($0.name)) is \($0.found), not \($0.expected)" })
    case .unsupportedType(let tensor, let type):
      "tensor '\(printable(tensor))' is stored as \(printable(type)), which cannot be computed with"
    case .nonFiniteWeights(let tensor):
      "tensor '\(printable(tensor))' holds NaN or infinite weights"
    case .tokenOutOfRange(let id, let vocabulary):
      "token id \(id) is outside the model's vocabulary of \(vocabulary)"
    case .unknownRotaryTensor(let name):
      "tensor '\(printable(name))' changes the rotary embedding in an unknown way"
    case .unsuitableRotaryOverride(let reason):
      "the rotary embedding cannot be changed: \(reason)"
    case .tooManyPositions(let tokens, let limit):
      "\(tokens) tokens are more than the \(limit) positions that the model has learned"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    }
  }

  private static func list(_ entries: [String]) -> String {
    let rest = entries.count - listed
    return entries.prefix(listed).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
