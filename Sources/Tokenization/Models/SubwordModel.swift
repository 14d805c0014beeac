import ModelFiles

/// Turns one pre-tokenized word into ids.
protocol SubwordModel: AnyObject, Sendable {
  /// Appends the ids of `length` bytes at `word`; `readable` bytes from there on belong to the
  /// text.
  func append(
    _ word: UnsafePointer<UInt8>, length: Int, readable: Int, to scratch: EncodingScratch)
}
