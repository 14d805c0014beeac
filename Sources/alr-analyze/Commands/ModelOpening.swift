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
  /// - Throws: `WrongKind`, `CheckpointError`, `ModelRefusal`.
  static func open(_ path: String, rotary: RotaryOverride? = nil) throws -> Model {
    try open(Checkpoint.openOrSayWhat(path), rotary: rotary)
  }

  /// The model in a checkpoint.
  ///
  /// - Throws: `ModelRefusal`.
  static func open(_ checkpoint: Checkpoint, rotary: RotaryOverride? = nil) throws -> Model {
    do throws(InferenceError) {
      return try Model(checkpoint, rotary: rotary)
    } catch {
      throw ModelRefusal(path: checkpoint.configurationPath, error: error)
    }
  }
}

extension Checkpoint {
  /// - Throws: `WrongKind` where `path` is something else than a model, `CheckpointError`.
  static func openOrSayWhat(_ path: String) throws -> Checkpoint {
    do throws(CheckpointError) {
      return try Checkpoint.open(path)
    } catch {
      guard error.isOfAnotherKind else { throw error }
      throw WrongKind(path: path, needed: .model, refusal: error)
    }
  }
}

extension Kernels {
  /// Those that `ALR_ISA` names, or the fastest where it is not set or empty.
  static func chosen(_ console: Console) throws(InferenceError) -> Kernels {
    let name = console.environment["ALR_ISA"] ?? ""
    return name.isEmpty ? Kernels() : try Kernels(named: name)
  }
}
