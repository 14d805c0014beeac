import Testing

@testable import CKernels

@Test func placeholder() {}
