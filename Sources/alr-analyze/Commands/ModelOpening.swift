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

extension Console {
  /// What a user should know of a model, whatever is done with it.
  ///
  /// - Parameter pre: what `--pre` says.
  func warn(about model: Model, pre: String?) {
    if let type = model.multimodalType {
      warn(
        "a multimodal checkpoint (\(type)): its text model (\(model.spec.name)) is used, "
          + "\(model.otherTensorCount) other tensors are not")
    }
    if pre != nil, model.checkpoint.format != .gguf {
      warn(ModelTokenizer.unusedPre)
    }
  }

  /// What is said of chunks beyond the context, whether they are measured or only asked about.
  func warn(aboutChunksOf chunkLength: Int, in model: Model) {
    guard chunkLength >= model.spec.contextLength else { return }
    warn(
      "a chunk of \(chunkLength) positions and a query is beyond the model's context of "
        + "\(model.spec.contextLength)")
  }

  func warn(about precision: Precision, on kernels: Kernels) {
    if precision == .bf16, !kernels.hasFastBF16 {
      warn("this processor has no bf16 products: --precision bf16 is not faster here")
    }
  }
}

extension ArchitectureSpec {
  /// `n` where the user names none.
  var defaultChunkLength: Int { min(1024, max(1, contextLength - 1)) }
}

extension Kernels {
  /// Those that `ALR_ISA` names, or the fastest where it is not set or empty.
  static func chosen(_ console: Console) throws(InferenceError) -> Kernels {
    let name = console.environment["ALR_ISA"] ?? ""
    return name.isEmpty ? Kernels() : try Kernels(named: name)
  }
}
