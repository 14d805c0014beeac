/// Names that a stranger's model file may carry.
enum HostileText {
  /// Would break out of attributes, elements, script and style if written as it is, and turn the
  /// text behind it around.
  static let markup =
    "</script><script>window.broken=1</script><img src=x onerror='window.broken=2'>\"'&<!--\u{2028}"
    + "\u{202e}\u{2066}"
}
