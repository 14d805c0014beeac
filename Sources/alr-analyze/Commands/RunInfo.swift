import Foundation
import ModelFiles

/// `run.json`: what may differ between equal runs.
struct RunInfo {
  let started: Date
  let repeated: RepeatedCommand
  let model: String
  let corpora: [String]
  let threads: Int
  let console: Console

  var json: JSONValue {
    let process = ProcessInfo.processInfo
    return [
      "tool": .string(toolVersion),
      "started": .string(ISO8601DateFormatter().string(from: started)),
      "seconds": .double(-started.timeIntervalSinceNow),
      "command": .string(repeated.line),
      "arguments": .array(console.invocation.map(JSONValue.string)),
      "directory": .string(FilePath(".").fromRoot.description),
      "model": .string(RepeatedCommand.fullModelPath(model)),
      "corpora": .array(corpora.map { .string(RepeatedCommand.fullInputPath($0)) }),
      "options": repeated.json,
      "host": .string(process.hostName),
      "system": .string(process.operatingSystemVersionString),
      "processors": .int(process.activeProcessorCount),
      "threads": .int(threads),
    ]
  }
}
