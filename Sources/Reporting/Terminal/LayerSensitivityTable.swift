import Results

/// What compressing each layer alone costs as a table for a terminal: a row a layer.
enum LayerSensitivityTable {
  static func lines(_ sensitivity: LayerSensitivity, style: TerminalStyle) -> [String] {
    let rows = LayerRises(sensitivity)
    let decimals = 4
    let shares = sensitivity.droppedShares.indices.map { share -> [TextTable.Column] in
      [
        TextTable.numbers(
          LayerRises.percent(sensitivity.droppedShares[share]), rows.means.map { $0[share] },
          decimals: decimals, style: style),
        TextTable.errors(rows.errors.map { $0[share] }, decimals: decimals, style: style),
      ]
    }
    let layers = TextTable.Column(title: "layer", cells: sensitivity.layers.map { "\($0)" })
    var table = TextTable(
      columns: [layers] + shares.joined().filter { !rows.hasErrors ? $0.title.contains("%") : true }
    )
    if table.width > style.usableWidth {
      table = TextTable(columns: [layers] + shares.map { $0[0] })
    }
    let heading =
      "Rise of NLL behind the compression, nats a token, where the layer alone drops so much"
      + (rows.hasErrors ? ", with standard errors over \(sensitivity.chunks) chunks" : "")
    return TerminalText.wrapped(
      TerminalText.clean(heading, style: style), width: style.usableWidth, indent: 2, style: style
    ).map { ANSI.bold($0, style: style) } + [""] + table.lines(style: style)
  }
}
