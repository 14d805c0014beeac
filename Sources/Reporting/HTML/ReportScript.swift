/// The report's script: its parts in one closure, run once the page is parsed.
enum ReportScript {
  static var text: String {
    "(() => {\n\"use strict\";\n" + core + ReportScriptCharts.text + ReportScriptMap.text
      + ReportScriptControls.text + "})();\n"
  }

  /// Data, elements, numbers as text and packed rows.
  private static let core = #"""
    const data = JSON.parse(document.getElementById("report-data").textContent);
    const byId = id => document.getElementById(id);

    function element(name, attributes = {}, text) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      return made;
    }

    function show(value, figures = 3) {
      if (value === null || value === undefined || !Number.isFinite(value)) return "–";
      if (value === 0) return "0";
      const exponent = Math.floor(Math.log10(Math.abs(value)));
      if (exponent < -5) return value.toExponential(2);
      return value.toFixed(Math.max(0, Math.min(12, figures - 1 - exponent)));
    }

    function range(count) { return Array.from({length: count}, (_, index) => index); }

    // Rows of 16-bit integers in base64; 65535 is a missing value.
    function unpack(packed) {
      const bytes = atob(packed.bytes);
      return row => range(packed.columns).map(column => {
        const at = 2 * (row * packed.columns + column);
        const word = bytes.charCodeAt(at) + 256 * bytes.charCodeAt(at + 1);
        if (word === 65535) return NaN;
        return packed.low[row]
          + (packed.high[row] - packed.low[row]) * Math.pow(word / 65534, packed.power);
      });
    }

    function shade(metric, value) {
      const colors = data.maps[metric.map];
      const extent = metric.high - metric.low;
      const share = extent > 0 ? (value - metric.low) / extent : 0.5;
      return colors[Math.round(Math.max(0, Math.min(1, share)) * (colors.length - 1))];
    }

    // Steps of 1, 2 or 5 times a power of ten, at most `most` of them.
    function ticks(low, high, most) {
      if (!(high > low)) return [low];
      let step = Math.pow(10, Math.floor(Math.log10((high - low) / most)));
      for (const factor of [1, 2, 5, 10]) {
        if ((high - low) / (step * factor) <= most) { step *= factor; break; }
      }
      const first = Math.ceil(low / step - 1e-9);
      const last = Math.floor(high / step + 1e-9);
      return range(last - first + 1).map(index => Number(((first + index) * step).toPrecision(12)));
    }

    """#
}
