import Testing

@testable import ModelFiles

@Test func placeholder() {}
