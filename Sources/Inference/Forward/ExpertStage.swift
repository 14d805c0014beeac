import CKernels
import Foundation

/// The feed-forward of a mixture of experts: each row goes through the few experts that the router
/// weighs highest.
///
/// Experts are added in ascending order, so a row's sum does not depend on what else is computed.
final class ExpertStage {
  private let spec: ArchitectureSpec
  private let kernels: Kernels
  private let pool: WorkerPool
  private let number: alr_number
  private let layouts: Layouts?
  private let gathered = Buffer(bytes: 0)
  private let inner = Buffer(bytes: 0)
  private let output = Buffer(bytes: 0)
  private let scores = Buffer(bytes: 0)

  private struct Layouts {
    let gathered, inner, output, scores: RowLayout

    init?(spec: ArchitectureSpec, kernels: Kernels, number: alr_number) {
      guard let experts = spec.experts else { return nil }
      let width = kernels.panelWidth
      gathered = RowLayout(
        columns: spec.hiddenSize, elementSize: number.byteCount, panelWidth: width)
      inner = RowLayout(
        columns: experts.intermediateSize, elementSize: number.byteCount, panelWidth: width)
      output = RowLayout(columns: spec.hiddenSize, elementSize: 4, panelWidth: width)
      scores = RowLayout(columns: experts.count, elementSize: 4, panelWidth: width)
    }

    var bytesPerRow: Int {
      [gathered, inner, output, scores].reduce(0) { $0 + $1.bytesPerRow }
    }
  }

  /// One of a row's experts and its weight.
  private struct Choice {
    var expert: Int
    var weight: Float
  }

  /// Rows of one expert, and the weight of each.
  private struct Assignment {
    var rows: [Int] = []
    var weights: [Float] = []
  }

  init(spec: ArchitectureSpec, kernels: Kernels, pool: WorkerPool, number: alr_number) {
    self.spec = spec
    self.kernels = kernels
    self.pool = pool
    self.number = number
    layouts = Layouts(spec: spec, kernels: kernels, number: number)
  }

  /// Bytes that each row of a batch takes.
  static func bytesPerRow(spec: ArchitectureSpec, kernels: Kernels, number: alr_number) -> Int {
    (Layouts(spec: spec, kernels: kernels, number: number)?.bytesPerRow ?? 0)
      + listBytesPerRow(spec)
  }

  /// Of them the lists of a row's choices, and of its places among the rows of its experts.
  static func listBytesPerRow(_ spec: ArchitectureSpec) -> Int {
    let perChoice =
      MemoryLayout<Choice>.stride + MemoryLayout<Int>.stride + MemoryLayout<Float>.stride
    return (spec.experts?.usedCount ?? 0) * perChoice
  }

  /// x += residual scale · Σ weight · expert(input) over the chosen experts of each row.
  func run(
    _ mixture: LayerWeights.Experts, from input: Rows, to hidden: Rows, rows: Int,
    _ products: ProductStage
  ) throws(InferenceError) {
    guard let layouts, let experts = spec.experts else { return }
    self.gathered.grow(to: rows * layouts.gathered.bytesPerRow)
    self.inner.grow(to: rows * layouts.inner.bytesPerRow)
    self.output.grow(to: rows * layouts.output.bytesPerRow)
    self.scores.grow(to: rows * layouts.scores.bytesPerRow)
    let table = kernels.table
    let scores = Rows(base: scores.bytes, layout: layouts.scores)
    let gathered = Rows(base: gathered.bytes, layout: layouts.gathered)
    let inner = Rows(base: inner.bytes, layout: layouts.inner)
    let output = Rows(base: output.bytes, layout: layouts.output)
    try products.store(
      mixture.router.matrix, biases: mixture.router.biases, from: input, to: scores, rows: rows)
    for (index, assignment) in assign(scores, rows: rows, experts).enumerated() {
      let chosen = assignment.rows
      guard !chosen.isEmpty else { continue }
      pool.run(chosen.count) { place, _ in
        gathered.from(row: place).copyMemory(
          from: input.from(row: chosen[place]), byteCount: layouts.gathered.bytesPerRow)
      }
      let expert = mixture.experts[index]
      try products.activate(
        expert.input, spec.activation, from: gathered, to: inner, rows: chosen.count)
      try products.store(
        expert.down.matrix, biases: expert.down.biases, from: inner, to: output,
        rows: chosen.count)
      pool.run(chosen.count) { place, _ in
        table.pointee.add_scaled(
          output.from(row: place).assumingMemoryBound(to: Float.self),
          assignment.weights[place] * spec.residualScale,
          hidden.from(row: chosen[place]).assumingMemoryBound(to: Float.self), spec.hiddenSize)
      }
    }
  }

  /// For each expert the rows that it is among the best for, ascending.
  private func assign(_ scores: Rows, rows: Int, _ experts: ExpertSpec) -> [Assignment] {
    let count = experts.usedCount
    var choices = [Choice](repeating: Choice(expert: 0, weight: 0), count: rows * count)
    choices.withUnsafeMutableBufferPointer { choices in
      pool.run(rows) { row, _ in
        let values = UnsafeBufferPointer(
          start: scores.from(row: row).assumingMemoryBound(to: Float.self), count: experts.count)
        for (place, choice) in Self.choose(values, experts).enumerated() {
          choices[row * count + place] = choice
        }
      }
    }
    var assignments = [Assignment](repeating: Assignment(), count: experts.count)
    for (index, choice) in choices.enumerated() {
      assignments[choice.expert].rows.append(index / count)
      assignments[choice.expert].weights.append(choice.weight)
    }
    return assignments
  }

  /// The experts of one row's highest scores; of equal ones the lower.
  private static func choose(
    _ scores: UnsafeBufferPointer<Float>, _ experts: ExpertSpec
  ) -> [Choice] {
    let highest = scores.max() ?? 0
    let shares = scores.map { exp($0 - highest) }
    let best = shares.indices.sorted { (shares[$0], $1) > (shares[$1], $0) }
      .prefix(experts.usedCount)
    let whole =
      experts.normalizesWeights
      ? best.reduce(Float(0)) { $0 + shares[$1] } : shares.reduce(0, +)
    return best.map { Choice(expert: $0, weight: shares[$0] / whole) }
  }
}
