import Inference
import ModelFiles

/// A model that cannot be run, and the file that says so.
struct ModelRefusal: ExitCoded, CustomStringConvertible {
  let path: String
  let error: InferenceError

  var exitCode: ExitCode { error.exitCode }
  var description: String { "\(path): \(error)" }
}

extension Model {
  /// The model at `path`, as every command takes it.
  ///
  /// - Throws: `CheckpointError`, `ModelRefusal`.
  static func open(_ path: String, rotary: RotaryOverride? = nil) throws -> Model {
    let checkpoint = try Checkpoint.open(path)
    do throws(InferenceError) {
      return try Model(checkpoint, rotary: rotary)
    } catch {
      throw ModelRefusal(path: checkpoint.configurationPath, error: error)
    }
  }
}

extension Kernels {
  /// Those that `ALR_ISA` names, or the fastest where it is not set or empty.
  static func chosen(_ console: Console) throws(InferenceError) -> Kernels {
    let name = console.environment["ALR_ISA"] ?? ""
    return try Kernels(named: name.isEmpty ? nil : name)
  }
}
