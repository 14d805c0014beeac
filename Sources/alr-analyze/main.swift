import Foundation

StandardStreams.fillClosed()
let console = Console.system()
let interrupts = console.interruption.listen()
let exitCode = CommandLineTool(console: console).run(Array(CommandLine.arguments.dropFirst()))
interrupts.cancel()
exit(exitCode.rawValue)
