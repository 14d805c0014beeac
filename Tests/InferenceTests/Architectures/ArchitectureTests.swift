import Foundation
import ModelFiles
import TestSupport
import Testing

@testable import Inference

/// What the comparison with transformers would notice, and what the registry holds.
struct ArchitectureTests {
  /// A small mistake in an architecture's value.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (inout ArchitectureSpec) -> Void

    init(_ name: String, _ make: @escaping @Sendable (inout ArchitectureSpec) -> Void) {
      testDescription = name
      self.make = make
    }
  }

  static let mistakes = [
    Mistake("base") { for index in $0.rotaries.indices { $0.rotaries[index].base *= 1.02 } },
    Mistake("second base") { if $0.rotaries.count > 1 { $0.rotaries[1].base *= 1.02 } },
    Mistake("rotary dimension") {
      for index in $0.rotaries.indices where $0.rotaries[index].dimension < $0.headDim {
        $0.rotaries[index].dimension += 2
        if case .longrope = $0.rotaries[index].scaling { $0.rotaries[index].dimension -= 4 }
      }
    },
    Mistake("no scaling") {
      for index in $0.rotaries.indices { $0.rotaries[index].scaling = .none }
    },
    Mistake("scaling") {
      for index in $0.rotaries.indices {
        $0.rotaries[index].scaling = $0.rotaries[index].scaling.changed()
      }
    },
    Mistake("no window") { for index in $0.layers.indices { $0.layers[index].window = nil } },
    Mistake("wider window") {
      for index in $0.layers.indices {
        $0.layers[index].window = $0.layers[index].window.map { $0 + 1 }
      }
    },
    Mistake("every layer rotates") {
      guard !$0.rotaries.isEmpty else { return }
      for index in $0.layers.indices { $0.layers[index].rotary = 0 }
    },
    Mistake("attention scale") { $0.attentionScale *= 1.02 },
    Mistake("scale of a layer's scores") {
      for index in $0.layers.indices where $0.layers[index].scoreScale != 1 {
        $0.layers[index].scoreScale = 1
      }
    },
    Mistake("no cap of scores") { $0.attentionSoftCap = nil },
    Mistake("no cap of logits") { $0.logitSoftCap = nil },
    Mistake("embedding scale") {
      if $0.embeddingScale != 1 { $0.embeddingScale *= 1.02 }
    },
    Mistake("residual scale") { if $0.residualScale != 1 { $0.residualScale = 1 } },
    Mistake("logit scale") { if $0.logitScale != 1 { $0.logitScale = 1 } },
    Mistake("activation") {
      $0.activation =
        switch $0.activation {
        case .silu: .geluQuick
        case .gelu: .geluTanh
        case .geluTanh: .gelu
        case .geluQuick: .silu
        }
    },
    Mistake("epsilon") { $0.norm.epsilon *= 100 },
    Mistake("weight offset") { $0.norm.weightOffset = 0 },
    Mistake("norm of heads") { $0.queryKeyNorm = nil },
    Mistake("biases") { $0.biases = [] },
    Mistake("parallel") {
      if $0.normPlaces.contains(.beforeFeedForward) { $0.isParallel.toggle() }
    },
    Mistake("expert weights") { $0.experts?.normalizesWeights.toggle() },
    Mistake("experts a token") {
      if let used = $0.experts?.usedCount { $0.experts?.usedCount = used - 1 }
    },
  ]

  /// Each mistake that changes an architecture's value turns the comparison red.
  @Test(arguments: TransformersTests.architectures, mistakes)
  func isNoticed(_ fixture: TransformersTests.Fixture, mistake: Mistake) throws {
    let checkpoint = try Checkpoint.open(ReferenceDump.path(fixture.model))
    let right = try Model(checkpoint).spec
    var wrong = right
    mistake.make(&wrong)
    if wrong == right { return }
    // Experts exclude being parallel.
    if mistake.testDescription == "parallel", right.experts != nil { return }
    let reference = try ReferenceDump(ReferenceDump.path(fixture.reference))
    let model = try Model(checkpoint, changing: mistake.make)
    let distance = try Distance(of: model, from: reference, kernels: Kernels())
    #expect(
      distance.logits > 1e-4 || distance.attention > 1e-5 || distance.keyNorms > 1e-5,
      "\(distance)")
  }

  private static let sources = Repository.root.appending(path: "Sources/Inference/Architectures")

  /// Every file beside the registry, and what it is asked with, declares one architecture, and the
  /// registry lists it.
  @Test func everyFileIsRegistered() throws {
    let registry = "ArchitectureRegistry.swift"
    let list = try String(contentsOf: Self.sources.appending(path: registry), encoding: .utf8)
    let files = try Repository.sourceFiles(in: "Inference/Architectures").map { $0 + ".swift" }
      .filter { ![registry, "TextModel.swift"].contains($0) }
    #expect(files.count == ArchitectureRegistry.all.count)
    for file in files {
      let text = try String(contentsOf: Self.sources.appending(path: file), encoding: .utf8)
      let declared = text.matches(of: /static let (\w+) = Architecture\(/).map { $0.1 }
      #expect(declared.count == 1, "\(file)")
      for name in declared { #expect(list.contains("\n    .\(name),\n"), "\(file)") }
    }
  }

  @Test func namesAreUnique() {
    let names = ArchitectureRegistry.all.map(\.name)
    let formNames = ArchitectureRegistry.all.compactMap(\.gguf?.name)
    #expect(Set(names).count == names.count)
    #expect(Set(formNames).count == formNames.count)
  }
}

extension RotaryScaling {
  /// The same kind with another amount.
  fileprivate func changed() -> RotaryScaling {
    switch self {
    case .none: return .none
    case .linear(let factor): return .linear(factor: factor * 1.02)
    case .dynamic(let factor, let context):
      return .dynamic(factor: factor, context: context + 1)
    case .llama3(let factor, let low, let high, let context):
      return .llama3(factor: factor, lowFrequency: low, highFrequency: high, context: context + 1)
    case .yarn(var yarn):
      yarn.attentionFactor *= 1.001
      return .yarn(yarn)
    case .longrope(let short, let long, let context, let factor):
      return .longrope(short: long, long: short, context: context, attentionFactor: factor)
    case .divisors(let divisors): return .divisors(divisors.map { $0 * 1.02 })
    }
  }
}
