import Foundation
import Inference
import ModelFiles

/// The command that repeats a run from any folder: paths from the root, and every option with the
/// value that counted, given or not.
struct RepeatedCommand {
  /// What chooses the instruction set, on which the last digits depend.
  static let isaVariable = "ALR_ISA"

  private let tool: String
  private let isa: String
  private let command: CommandSpec
  private let arguments: ParsedArguments
  private let positionals: [String]
  /// Values by option name, for options whose value is not as it was given.
  private let values: [String: String]

  /// - Parameters:
  ///   - arguments: as they were given.
  ///   - positionals: the same in full.
  ///   - values: of options that were not given, or not in full; what is neither here nor in
  ///     `arguments` has no effect.
  init(
    of command: CommandSpec, _ arguments: ParsedArguments, positionals: [String],
    values: [String: String?], kernels: Kernels, console: Console
  ) {
    tool = console.invocation.first.map(Self.tool) ?? toolName
    isa = kernels.name
    self.command = command
    self.arguments = arguments
    self.positionals = positionals
    self.values = values.compactMapValues { $0 }
  }

  /// One line for a shell.
  var line: String {
    // A path that begins with a dash would be an option.
    let isSafe = positionals.allSatisfy { !$0.hasPrefix("-") || $0 == "-" }
    let operands = positionals.map(ShellWord.quoted)
    var words = ["\(Self.isaVariable)=\(ShellWord.quoted(isa))", ShellWord.quoted(tool)]
    words += [command.name] + (isSafe ? operands : [])
    for option in options {
      guard option.valueName != nil else {
        if arguments.has(option.name) { words.append("--\(option.name)") }
        continue
      }
      for value in texts(option) {
        let quoted = ShellWord.quoted(value)
        words +=
          value.hasPrefix("-") ? ["--\(option.name)=\(quoted)"] : ["--\(option.name)", quoted]
      }
    }
    return (words + (isSafe ? [] : ["--"] + operands)).joined(separator: " ")
  }

  /// Every option by its name, underscores for dashes: flags true or false, whole numbers as
  /// numbers, `null` for what has no effect.
  var json: JSONValue {
    .object(
      options.map { option in
        let key = option.name.replacingOccurrences(of: "-", with: "_")
        guard option.valueName != nil else {
          return .init(key, .bool(arguments.has(option.name)))
        }
        // A text of digits stays a text.
        let values = texts(option).map { text -> JSONValue in
          let number = option.valueName == "TEXT" ? nil : NumberList.number(text)
          return number.map(JSONValue.int) ?? .string(text)
        }
        if option.isRepeatable { return .init(key, .array(values)) }
        return .init(key, values.first ?? .null)
      })
  }

  /// Those that decide what a run does.
  private var options: [OptionSpec] {
    command.options.filter { $0.name != OptionSpec.printCommand.name }
  }

  /// The values of an option: at most one but for those that may be given several times.
  private func texts(_ option: OptionSpec) -> [String] {
    if option.isRepeatable, !arguments.list(option.name).isEmpty {
      return arguments.list(option.name)
    }
    return [values[option.name] ?? arguments.value(option.name)].compactMap(\.self)
  }

  /// A tool that was found along `PATH` is found there again.
  private static func tool(_ name: String) -> String { name.contains("/") ? fullPath(name) : name }

  /// The path from the root; its last component stays, since it names the run.
  static func fullPath(_ path: String) -> String { FilePath(path).fromRoot.description }

  /// A model may be no path but a name in the Hugging Face cache.
  static func fullModelPath(_ model: String) -> String {
    PathKind(model).exists ? fullPath(model) : model
  }

  /// `-` is standard input.
  static func fullInputPath(_ path: String) -> String { path == "-" ? path : fullPath(path) }
}

extension OptionSpec {
  static let printCommand = OptionSpec.flag(
    "print-command", "print the command that repeats this run, every option spelled out, and stop")
}
