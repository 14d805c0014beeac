/// How the products of a pass read weights.
///
/// Which one is the caller's choice, and never follows from the number of rows: a row's numbers
/// would then depend on what else goes through the layers with it.
public enum WeightReading: String, Sendable, CaseIterable {
  /// Widened, rounded where the pass is in bfloat16, and laid out as panels that register tiles
  /// read: for texts, where each weight is used for many rows.
  case packed
  /// Dotted as they lie in the file, widened in registers to float32 and never rounded: for a few
  /// rows, such as the next tokens of some sequences, where reading the weights is most of the work.
  case stored
}
