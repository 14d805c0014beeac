import AttentionAnalysis
import Compression
import Inference
import ModelFiles
import Results
import Tokenization

/// How the process ends; the numbers are those of sysexits.
enum ExitCode: Int32, Sendable {
  case done = 0
  case usage = 64
  case badInput = 65
  case noInput = 66
  case internalFault = 70
  case cannotWrite = 73
  /// 128 and the number of the signal that asked to stop.
  case hungUp = 129
  case interrupted = 130
  case terminated = 143
}

/// An error that knows how the process should end.
protocol ExitCoded: Error {
  var exitCode: ExitCode { get }
}

extension UsageError: ExitCoded {
  var exitCode: ExitCode { .usage }
}

extension AnalysisRun.Cancelled: ExitCoded {
  var exitCode: ExitCode { .interrupted }
}

extension TaskError: ExitCoded {
  var exitCode: ExitCode { isMissingInput ? .noInput : .badInput }
}

extension ChatError: ExitCoded {
  var exitCode: ExitCode { .badInput }
}

extension CheckpointError: ExitCoded {
  var exitCode: ExitCode { isMissingInput ? .noInput : .badInput }
}

extension TokenizerError: ExitCoded {
  var exitCode: ExitCode { isMissingInput ? .noInput : .badInput }
}

extension CorpusError: ExitCoded {
  var exitCode: ExitCode {
    if self == .interrupted { return .interrupted }
    return isMissingInput ? .noInput : .badInput
  }
}

extension InferenceError: ExitCoded {
  var exitCode: ExitCode {
    switch self {
    case .unknownInstructionSet, .unavailableInstructionSet: .usage
    case .cannotWrite: .cannotWrite
    default: .badInput
    }
  }
}

extension MeasurementError: ExitCoded {
  var exitCode: ExitCode {
    switch self {
    case .noRows: .usage
    case .nonFiniteAttention, .nonFiniteVectors, .keyNormOutOfRange: .badInput
    default: .internalFault
    }
  }
}

extension ResultsFolderError: ExitCoded {
  var exitCode: ExitCode {
    if problem.isOutput { return .cannotWrite }
    return problem.isMissingInput ? .noInput : .badInput
  }
}
