/// One query head of one layer.
public struct HeadIndex: Sendable, Hashable {
  public var layer: Int
  public var head: Int

  public init(layer: Int, head: Int) {
    self.layer = layer
    self.head = head
  }
}
