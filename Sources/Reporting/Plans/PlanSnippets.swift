import Results

/// A plan as other tools take it: programs that run as they stand.
public enum PlanSnippets {
  /// Files beside a plan; `prefix` keeps those of several plans apart.
  public static func files(
    _ plan: CompressionPlan, prefix: String = ""
  ) -> [ResultsFolder.Attachment] {
    [
      ResultsFolder.Attachment(
        name: "\(prefix)kvpress.py", bytes: Array(kvpress(plan).utf8)),
      ResultsFolder.Attachment(
        name: "\(prefix)l2_compress.py", bytes: Array(l2Compress(plan).utf8)),
    ]
  }

  private static func list(_ ratios: [Double]) -> String {
    let numbers = ratios.map { "\($0)" }
    let lines = stride(from: 0, to: numbers.count, by: 4).map {
      "    " + numbers[$0..<min($0 + 4, numbers.count)].joined(separator: ", ") + ","
    }
    return "[\n\(lines.joined(separator: "\n"))\n]"
  }

  private static func note(_ plan: CompressionPlan) -> String {
    plan.kind == .headBudgets
      ? "# The plan has a budget for each KV head; here every head of a layer has the layer's mean.\n"
      : ""
  }

  /// For kvpress: `KnormPress` in `PerLayerCompressionPress`.
  ///
  /// kvpress keeps `int(n * (1 - r))` of n positions; the ratios are chosen for each n so that this
  /// is our `ceil(keep * n)`.
  static func kvpress(_ plan: CompressionPlan) -> String {
    """
    # A plan for \(comment(plan.modelName)), for kvpress: with plan_press(n)(model): model(input_ids, ...)
    \(note(plan))import math

    from kvpress import KnormPress, PerLayerCompressionPress

    KEEP = \(list(plan.layerRatios))


    def plan_press(n):
        \"\"\"A press for a prompt of n tokens.\"\"\"
        # Half a position more than is kept: int(n * (1 - r)) then gives the count for any rounding.
        ratios = [0.0 if keep == 1 else max(0.0, 1 - (math.ceil(keep * n) + 0.5) / n) for keep in KEEP]
        return PerLayerCompressionPress(press=KnormPress(), compression_ratios=ratios)

    """
  }

  /// For the authors' code: what `l2_compress(past_key_values, keep_ratio=..., skip_layers=...)`
  /// takes.
  static func l2Compress(_ plan: CompressionPlan) -> String {
    let ratios = plan.layerRatios
    let others = ratios.filter { $0 < 1 }
    let isOne = Set(others).count <= 1
    let skipped = ratios.indices.filter { ratios[$0] == 1 }
    let skips = "[\(skipped.map(String.init).joined(separator: ", "))]"
    let head =
      "# A plan for \(comment(plan.modelName)), for the authors' l2_compress\n\(note(plan))"
    guard !isOne else {
      return head + """
        from functools import partial

        from l2_compress import l2_compress

        plan_compress = partial(
            l2_compress, keep_ratio=\(others.first ?? 1), prune_after=0, skip_layers=\(skips))

        """
    }
    return head + """
      # l2_compress has one ratio for all layers, so it is called once for each.
      from l2_compress import l2_compress

      KEEP = \(list(ratios))


      def plan_compress(past_key_values):
          for layer, keep in enumerate(KEEP):
              if keep < 1:
                  others = [other for other in range(len(KEEP)) if other != layer]
                  past_key_values = l2_compress(
                      past_key_values, keep_ratio=keep, prune_after=0, skip_layers=others)
          return past_key_values

      """
  }

  /// A name from a file, on one line.
  private static func comment(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
  }
}
