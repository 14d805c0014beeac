/// The report's script: the files in `Assets` in one closure, run once the page is parsed.
enum ReportScript {
  /// In this order, because each file uses what those before it declare.
  private static var parts: [[UInt8]] {
    [
      // Data, elements, numbers as text, the tip.
      PackageResources.basics_js,
      // Packed bytes: base64, then a zlib stream (RFC 1950 and 1951). The page unpacks by itself:
      // browsers' own decompression is not in all that open a local file, and answers later, where
      // a row is wanted at once.
      PackageResources.bytes_js,
      // Line charts and the panel of one head.
      PackageResources.charts_js,
      // The heatmap: drawing, tooltip, choosing a head by pointer or keyboard.
      PackageResources.map_js,
      // The prompt: an attention map on a canvas and the text in colour, for one head at a time.
      PackageResources.prompt_js,
      // Slider and copy buttons.
      PackageResources.controls_js,
      // Tables that are sorted by a click.
      PackageResources.sorting_js,
    ]
  }

  static var text: String { closure(parts) }

  /// What a page whose only script sorts tables needs.
  static var sorting: String { closure([PackageResources.sorting_js]) }

  private static func closure(_ parts: [[UInt8]]) -> String {
    let body = parts.map { String(decoding: $0, as: UTF8.self) }.joined()
    return "(() => {\n\"use strict\";\n" + body + "})();\n"
  }
}
