import Testing

@testable import AttentionAnalysis

@Test func placeholder() {}
