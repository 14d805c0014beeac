import Foundation

/// The folder that one input is laid out in, as the file that its reader expects.
///
/// `ALR_FUZZ_FOLDER` names it; `run` puts it in memory where it can.
enum Scratch {
  static let folder = ProcessInfo.processInfo.environment["ALR_FUZZ_FOLDER"] ?? "."

  /// Writes a file, in parts that follow each other, and gives its path.
  @discardableResult
  static func write(_ parts: UnsafeRawBufferPointer..., to name: String) -> String {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "w") else { preconditionFailure("cannot write \(path)") }
    for part in parts where !part.isEmpty {
      precondition(fwrite(part.baseAddress, 1, part.count, file) == part.count, "disk full")
    }
    fclose(file)
    return path
  }

  @discardableResult
  static func write(_ text: String, to name: String) -> String {
    var text = text
    return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: name) }
  }

  static func makeFolder(_ name: String) {
    mkdir("\(folder)/\(name)", 0o700)
  }

  static func remove(_ name: String) { unlink("\(folder)/\(name)") }
}

/// What a refusal must look like: one line, short enough to read, without control characters.
func expectOneLine(_ error: some Error) {
  let text = "\(error)"
  precondition(!text.isEmpty && text.utf8.count < 4000, "refusal of \(text.utf8.count) bytes")
  precondition(
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
    "control character in a refusal")
}

/// An input cut at its first NUL, which no text format holds; the second part is empty without one.
func halves(
  _ bytes: UnsafeRawBufferPointer
) -> (first: UnsafeRawBufferPointer, second: UnsafeRawBufferPointer) {
  let cut = bytes.firstIndex(of: 0) ?? bytes.count
  return (
    UnsafeRawBufferPointer(rebasing: bytes[..<cut]),
    UnsafeRawBufferPointer(rebasing: bytes[min(cut + 1, bytes.count)...])
  )
}
