/// Where results go and what is said of them: the end of every command that measures.
struct OutputOptions: Sendable {
  /// `nil`: by the model's name.
  var folder: String?
  var force: Bool
  var json: Bool
  var isQuiet: Bool
  var printsCommand: Bool

  init(_ arguments: ParsedArguments) {
    folder = arguments.value("out")
    force = arguments.has("force")
    json = arguments.has("json")
    isQuiet = arguments.has("quiet")
    printsCommand = arguments.has(OptionSpec.printCommand.name)
  }

  static let specs: [OptionSpec] = [
    .path("out", "DIR", "results folder", default: "alr-results/NAME-WHAT"),
    .flag(
      "force",
      "overwrite the results of a different run, write among other files, or apply another "
        + "model's plan"),
    .flag("json", "print the result as JSON instead of tables"),
    .quiet,
    .printCommand,
  ]
}
