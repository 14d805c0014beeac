extension KVCache {
  /// An empty cache for passes like `pass`.
  public convenience init(
    for pass: ForwardPass, mode: Mode, sequences: Range<Int>, length: Int? = nil,
    room: Int? = nil
  ) {
    self.init(
      spec: pass.model.spec, kernels: pass.kernels,
      number: pass.kernels.number(for: pass.precision), mode: mode, sequences: sequences,
      length: length, room: room)
  }
}
