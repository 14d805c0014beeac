import AttentionAnalysis

extension Command {
  /// `analyze MODEL CORPUS`: measures and writes the results folder.
  static let analyze = Command(
    spec: CommandSpec(
      name: "analyze",
      summary: "measure the ALR of every attention head of MODEL on CORPUS",
      positionals: [
        PositionalSpec(
          name: "MODEL",
          help: "a .safetensors or .gguf file, a model folder, an index JSON, or org/name in the "
            + "Hugging Face cache"),
        PositionalSpec(
          name: "CORPUS",
          help: "text files, .jsonl files, folders of them, or - for standard input",
          arity: .oneOrMore),
      ],
      options: AnalyzeOptions.specs,
      examples: [
        "alr-analyze ./SmolLM2-135M wikipedia.txt",
        "alr-analyze analyze model.gguf texts/ --max-chunks 64 --query all:16",
      ]),
    run: { arguments, _ in
      _ = try AnalyzeOptions(arguments)
    })
}
