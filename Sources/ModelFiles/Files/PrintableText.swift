/// Text from a file, or a path, with control and format characters replaced, and cut where long.
public func printable(_ text: String, limit: Int = 100) -> String {
  var result = ""
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < limit else { return result + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      result.unicodeScalars.append("\u{FFFD}")
    default:
      result.unicodeScalars.append(scalar)
    }
    count += 1
  }
  return result
}
