import ModelFiles

/// How one architecture is recognised and read from each kind of configuration.
struct Architecture: Sendable {
  /// `model_type` of `config.json` and `general.architecture` of GGUF.
  let name: String
  let fromHuggingFace:
    @Sendable (HuggingFaceConfiguration) throws(InferenceError) -> ArchitectureSpec
  let fromGGUF: @Sendable (GGUFConfiguration) throws(InferenceError) -> ArchitectureSpec
  /// Whether GGUF stores q and k rows as interleaved pairs.
  let interleavesGGUF: Bool
}

/// Every architecture that can be run: adding one is a file and a line here.
enum ArchitectureRegistry {
  static let all: [Architecture] = [.llama]

  static func named(_ name: String) throws(InferenceError) -> Architecture {
    guard let match = all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(name, known: all.map(\.name))
    }
    return match
  }
}
