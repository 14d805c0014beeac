import Foundation

StandardStreams.fillClosed()
StandardStreams.failInsteadOfDying()
let console = Console.system()
let interrupts = console.interruption.listen { [console] in console.sayInterrupted() }
let exitCode = CommandLineTool(console: console).run(Array(CommandLine.arguments.dropFirst()))
for interrupt in interrupts { interrupt.cancel() }
exit(exitCode.rawValue)
