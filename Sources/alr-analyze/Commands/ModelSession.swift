import AttentionAnalysis
import Inference
import ModelFiles
import Results
import Tokenization

/// An open model and how it is run: where `analyze`, `capture` and `inspect` begin.
struct ModelSession {
  let model: Model
  let kernels: Kernels
  let options: RunOptions
  let memory: BatchMemory
  private let console: Console

  /// - Throws: `ModelRefusal` where the model cannot be run, `InferenceError` where the processor
  ///   lacks the instructions that `ALR_ISA` names.
  init(_ checkpoint: Checkpoint, _ options: RunOptions, _ console: Console) throws {
    kernels = try Kernels.chosen(console)
    model = try Model.open(checkpoint, rotary: options.rope)
    memory = BatchMemory(given: options.memory)
    self.options = options
    self.console = console
  }

  /// The model at `path`.
  ///
  /// - Throws: besides, `WrongKind` and `CheckpointError` where no model is there.
  init(_ path: String, _ options: RunOptions, _ console: Console) throws {
    // An instruction set that is not there is said before a model is looked for.
    _ = try Kernels.chosen(console)
    try self.init(Checkpoint.openOrSayWhat(path), options, console)
  }

  var checkpoint: Checkpoint { model.checkpoint }

  var pass: ForwardPass {
    ForwardPass(
      model: model, kernels: kernels, precision: options.precision,
      pool: WorkerPool(count: options.threads))
  }

  /// Positions of a chunk: what is asked for, or what suits the model.
  ///
  /// - Throws: `InferenceError` beyond learned positions.
  func chunkLength(_ asked: Int?) throws(InferenceError) -> Int {
    let length = asked ?? RunShape.usualChunkLength(of: model.spec)
    try model.spec.checkLength(length + 1)
    return length
  }

  func tokenizer() throws -> Tokenizer {
    try ModelTokenizer.load(of: checkpoint, pre: options.pre)
  }

  /// Says what a user should know of the model and of this machine.
  ///
  /// - Parameter chunkLength: of the chunks that are measured, or asked about.
  func warn(chunkLength: Int? = nil) {
    if let type = model.multimodalType {
      console.warn(
        "a multimodal checkpoint (\(type)): its text model (\(model.spec.name)) is used, "
          + "\(model.otherTensorCount) other tensors are not")
    }
    if !model.predictsTokens {
      console.warn(
        "the checkpoint has no output matrix (lm_head): attention is measured all the same, but no "
          + "token can be predicted")
    }
    if options.pre != nil, checkpoint.format != .gguf { console.warn(ModelTokenizer.unusedPre) }
    if options.precision == .bf16, !kernels.hasFastBF16 {
      console.warn("this processor has no bf16 products: --precision bf16 is not faster here")
    }
    guard let chunkLength, chunkLength >= model.spec.contextLength else { return }
    console.warn(
      "a chunk of \(chunkLength) positions and a query is beyond the model's context of "
        + "\(model.spec.contextLength)")
  }
}
