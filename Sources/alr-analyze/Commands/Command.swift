/// One command of the tool.
struct Command: Sendable {
  var spec: CommandSpec
  /// Throws any error; those that are `ExitCoded` choose the exit code.
  var run: @Sendable (ParsedArguments, Console) throws -> Void
}

/// Every command, in the order of the help screen; the first is the default.
let commandRegistry: [Command] = [
  .analyze,
  .capture,
  .compare,
  .evaluateLM,
  .evaluatePasskey,
  .evaluateNeedle,
  .evaluateLongBench,
  .evaluateRuler,
  .generate,
  .inspect,
  .tokenize,
  .plan,
  .figure,
  .table,
  .bench,
]
