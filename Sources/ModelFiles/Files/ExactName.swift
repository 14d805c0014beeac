/// A name compared by its bytes.
///
/// `String` equality is canonical equivalence, under which two names that a file tells apart
/// (`é` as one scalar and as two) would be one.
struct ExactName: Sendable, Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ExactName, b: ExactName) -> Bool {
    a.text.utf8.elementsEqual(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
