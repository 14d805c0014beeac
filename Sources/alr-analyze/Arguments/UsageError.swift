/// A command line that does not fit; exit code 64.
enum UsageError: Error, Equatable, CustomStringConvertible {
  case noArguments
  case unknownCommand(String, suggestion: String)
  /// `help` is asked about what is no command.
  case noSuchCommand(String, known: [String], suggestion: String?)
  /// A command of two words without a second one that is known.
  case noSuchSubcommand(String, given: String?, known: [String], suggestion: String?)
  case unknownOption(String, command: String, suggestion: String?)
  case missingValue(option: String, valueName: String)
  case flagWithValue(option: String)
  case repeatedOption(String)
  case conflictingOptions(String, String)
  case missingOption(String, neededBy: String)
  /// An option that says nothing about what is given, as of measuring where results are.
  case optionWithoutEffect(String, on: String)
  /// None of several options is given, of which a command needs one.
  case noneOf([String], command: String)
  case unknownChoice(option: String, value: String, choices: [String], suggestion: String?)
  case invalidValue(option: String, value: String, expected: String)
  case missingArgument(String, command: String)
  /// As from a shell variable that is not set.
  case emptyArgument(String, command: String)
  /// What stands in the place of the model is none, and what stands behind it is.
  case swappedModel(String, model: String)
  case surplusArgument(String, command: String)

  var description: String {
    switch self {
    case .noArguments:
      "nothing to measure; see '\(toolName) --help'"
    case .unknownCommand(let name, let suggestion):
      "no command and no model is called '\(name)'; did you mean '\(suggestion)'?"
    case .noSuchCommand(let name, let known, let suggestion):
      "no command is called '\(name)'; "
        + (suggestion.map { "did you mean '\($0)'?" }
          ?? "commands are \(known.joined(separator: ", "))")
    case .noSuchSubcommand(let name, let given, let known, let suggestion):
      (given.map { "\(name) does not know '\($0)'; " } ?? "\(name) what? ")
        + (suggestion.map { "did you mean '\(name) \($0)'?" }
          ?? "one of \(known.joined(separator: ", "))")
    case .unknownOption(let option, let command, let suggestion?):
      "\(command) has no option '\(option)'; did you mean '\(suggestion)'?"
    case .unknownOption(let option, let command, nil):
      "\(command) has no option '\(option)'; see '\(toolName) \(command) --help'"
    case .missingValue(let option, let valueName):
      "--\(option) needs a value: --\(option) \(valueName)"
    case .flagWithValue(let option):
      "--\(option) takes no value"
    case .repeatedOption(let option):
      "--\(option) is given twice"
    case .conflictingOptions(let first, let second):
      "--\(first) and --\(second) exclude each other"
    case .missingOption(let option, let dependent):
      "--\(dependent) needs --\(option)"
    case .optionWithoutEffect(let option, let subject):
      "--\(option) has no effect on \(subject)"
    case .noneOf(let options, let command):
      "\(command) needs \(options.map { "--\($0)" }.joined(separator: " or "))"
    case .unknownChoice(let option, let value, let choices, let suggestion):
      "--\(option) is one of \(choices.joined(separator: ", ")), not '\(value)'"
        + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
    case .invalidValue(let option, let value, let expected):
      "--\(option) is \(expected), not '\(value)'"
    case .missingArgument(let name, let command):
      "\(name) is missing; see '\(toolName) \(command) --help'"
    case .emptyArgument(let name, let command):
      "\(name) is empty; see '\(toolName) \(command) --help'"
    case .swappedModel(let given, let model):
      "'\(given)' is no model and '\(model)' is: MODEL comes first, then CORPUS"
    case .surplusArgument(let argument, let command):
      "\(command) does not expect '\(argument)'; see '\(toolName) "
        + (command == "help" ? "--help'" : "\(command) --help'")
    }
  }
}
