import AttentionAnalysis
import Reporting

extension Command {
  /// `table RESULTS`: the numbers of a results folder for a page, a paper or a program.
  static let table = Command(
    spec: CommandSpec(
      name: "table",
      summary: "print a table of a results folder as Markdown, LaTeX or CSV",
      positionals: [PositionalSpec(name: "RESULTS", help: "a results folder")],
      options: [
        .choice(
          "rows", TableRegistry.all.map { $0.name }, "what a row is about",
          default: TableRegistry.all[0].name),
        .choice(
          "format", "Markdown, LaTeX (with booktabs), or CSV with every digit",
          default: TableFormat.markdown),
        .value("layers", "L,...", "only rows of these layers, such as 0,8-11", default: "all"),
      ],
      examples: [
        "alr-analyze table alr-results/SmolLM2-135M",
        "alr-analyze table alr-results/gpt2 --rows kv-heads --layers 0-2 --format tex",
      ]),
    run: { arguments, console in
      let format = arguments.choice("format", default: TableFormat.markdown)
      let kind = arguments.value("rows").flatMap(TableRegistry.named) ?? TableRegistry.all[0]
      let source = ResultsPath(arguments.positionals[0])
      try source.check(needsResult: true)
      let result = try source.readResult()
      var rows = TableRows()
      if arguments.has("layers") {
        rows.layers = Set(try arguments.indices("layers", below: result.model.layers))
      }
      // CR and LF are one character; only the LF is printed again.
      let text = format.text(kind.table(result, rows: rows))
      try console.print(String(text.unicodeScalars.dropLast()))
    })
}
