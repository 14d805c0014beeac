/// The report's style sheet.
enum ReportStylesheet {
  static var text: String { colors + rules }

  /// Colours of both themes as custom properties named after their roles.
  static var colors: String {
    func properties(_ theme: Theme) -> String {
      ThemeRole.allCases.map { "--\($0.rawValue):\(theme[$0].hexString)" }.joined(separator: ";")
    }
    return """
      :root{color-scheme:light dark;\(properties(.light))}
      @media (prefers-color-scheme:dark){:root{\(properties(.dark))}}
      @media print{:root{color-scheme:light;\(properties(.light))}}

      """
  }

  private static let rules = #"""
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--background);color:var(--ink);
      font:15px/1.5 system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif}
    .page{max-width:1240px;margin:0 auto;padding:32px 28px 48px}
    h1{font-size:26px;line-height:1.2;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
    h2{font-size:17px;margin:0 0 4px}
    h3{font-size:15px;margin:0 0 6px}
    p{margin:0 0 8px;max-width:70ch;overflow-wrap:anywhere}
    .kicker{color:var(--mutedInk);font-size:13px;margin:0 0 4px}
    .muted{color:var(--mutedInk)}
    .small{font-size:13px}
    p.small{max-width:84ch}
    section{border-top:1px solid var(--grid);padding:22px 0 26px}
    header{padding-bottom:22px}
    .facts{display:flex;flex-wrap:wrap;gap:10px 30px;margin:16px 0 0}
    .facts div{min-width:0}
    .facts dt{color:var(--mutedInk);font-size:12px}
    .facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .advice{font-size:19px;margin:2px 0 10px}
    ul{margin:0 0 10px;padding-left:20px}
    li{overflow-wrap:anywhere}
    button,select{font:inherit;font-size:13px;color:var(--ink);background:var(--background);
      border:1px solid var(--axis);border-radius:6px;padding:5px 12px}
    button{cursor:pointer}
    button:hover,select:hover{border-color:var(--accent)}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    .columns{display:grid;grid-template-columns:minmax(0,1.55fr) minmax(300px,1fr);gap:18px 36px}
    .toolbar{display:flex;flex-wrap:wrap;align-items:center;gap:8px 14px;margin:8px 0 12px}
    .map{position:relative;overflow-x:auto;border-radius:4px;touch-action:manipulation}
    .map svg{display:block}
    .map:focus-visible{outline-offset:4px}
    text{font-family:inherit;font-size:11px;fill:var(--mutedInk)}
    .axis-title{fill:var(--ink);font-size:12px}
    .cell-missing{fill:var(--missing)}
    .cell-mark{stroke:var(--missingMark);fill:none}
    .ring{fill:none;stroke:var(--ink);stroke-width:2}
    .ring-under{fill:none;stroke:var(--background);stroke-width:4}
    .hover{fill:none;stroke:var(--ink);stroke-width:1}
    .skip-mark{fill:var(--warning)}
    .unsure-mark{fill:none;stroke:var(--mutedInk);stroke-width:1.2}
    .tip{position:fixed;max-width:calc(100vw - 16px);overflow:hidden;z-index:5;pointer-events:none;background:var(--background);
      border:1px solid var(--axis);border-radius:6px;padding:7px 10px;font-size:12.5px;
      line-height:1.45;box-shadow:0 4px 16px rgb(0 0 0/.18);white-space:nowrap;
      font-variant-numeric:tabular-nums}
    .tip b{display:block}
    [hidden]{display:none}
    .legend{display:flex;align-items:center;gap:8px;font-size:12px;color:var(--mutedInk);
      font-variant-numeric:tabular-nums;margin-top:10px;flex-wrap:wrap}
    .legend-bar{width:180px;height:10px;border-radius:2px;print-color-adjust:exact;
      -webkit-print-color-adjust:exact}
    .chart{margin:14px 0 0}
    .chart figcaption{font-size:12.5px;color:var(--mutedInk);display:flex;flex-wrap:wrap;
      gap:2px 14px;margin-bottom:2px}
    .chart svg{display:block;width:100%;max-width:560px;height:auto;overflow:visible}
    figure{margin:0}
    .grid-line{stroke:var(--grid);fill:none}
    .axis-line{stroke:var(--axis);fill:none}
    .line-score{stroke:var(--accent);stroke-width:2;fill:none;stroke-linejoin:round}
    .line-ideal{stroke:var(--reference);stroke-width:1.6;stroke-dasharray:5 4;fill:none}
    .line-random{stroke:var(--axis);stroke-dasharray:1 3.5;stroke-linecap:round;fill:none}
    .line-thin{stroke:var(--accent);stroke-width:1.2;fill:none;stroke-linejoin:round}
    .area{fill:var(--accent);fill-opacity:.15}
    .dot{fill:var(--warning)}
    .lone-point{fill:var(--accent)}
    .key::before{content:"";display:inline-block;width:18px;margin-right:6px;
      vertical-align:.28em;border-top:2px solid var(--accent)}
    .key-ideal::before{border-top:2px dashed var(--reference)}
    .key-random::before{border-top:2px dotted var(--axis)}
    .cursor{stroke:var(--ink);fill:none;stroke-width:1;stroke-dasharray:2 2}
    .prompt-columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:18px 36px}
    .prompt-map{position:relative;aspect-ratio:1;max-width:600px;overflow:hidden;cursor:crosshair;
      border-left:1px solid var(--axis);border-bottom:1px solid var(--axis);
      touch-action:manipulation}
    .prompt-map:focus-visible{outline-offset:4px}
    .prompt-map canvas{position:absolute;inset:0;width:100%;height:100%;image-rendering:pixelated;
      print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .prompt-row,.prompt-column{position:absolute;pointer-events:none;min-width:3px;min-height:3px}
    .prompt-row{left:0;right:0;outline:1px solid var(--accent)}
    .prompt-column{top:0;bottom:0;outline:1px solid var(--warning)}
    .prompt-cell{min-height:2.9em;font-variant-numeric:tabular-nums;max-width:none}
    .prompt-text{white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.9;max-height:560px;
      overflow-y:auto;padding:2px 3px}
    .token{unicode-bidi:isolate;border-radius:3px;padding:2px 0;cursor:pointer;
      background:color-mix(in srgb,var(--warning) var(--share,0%),transparent);
      print-color-adjust:exact;-webkit-print-color-adjust:exact}
    .token.is-query{box-shadow:0 0 0 2px var(--accent)}
    .token.is-key{box-shadow:0 0 0 2px var(--warning)}
    .token.is-query.is-key{box-shadow:0 0 0 2px var(--accent),0 0 0 4px var(--warning)}
    .token-bar{background:linear-gradient(to right,transparent,
      color-mix(in srgb,var(--warning) 62%,transparent))}
    .numbers{display:grid;grid-template-columns:auto 1fr auto 1fr;gap:2px 12px;margin:0;
      font-size:13.5px}
    .numbers dt{color:var(--mutedInk)}
    .numbers dd{margin:0;font-variant-numeric:tabular-nums}
    .slider{display:grid;grid-template-columns:minmax(0,1fr) minmax(280px,.8fr);gap:10px 36px}
    input[type=range]{width:100%;accent-color:var(--accent);margin:6px 0 10px}
    .outcome{font-size:22px;font-variant-numeric:tabular-nums;margin:0}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:13.5px}
    th,td{text-align:right;padding:4px 12px;border-bottom:1px solid var(--grid);
      white-space:nowrap}
    th{font-weight:600;border-bottom-color:var(--axis);padding:0 4px}
    th button{border:0;background:none;padding:5px 8px;font-weight:600;color:inherit;width:100%;
      text-align:inherit}
    /* aria-sort says it already: the arrow is not read out where browsers know alternative text. */
    th[aria-sort=ascending] button::after{content:" \2191";content:" \2191" / ""}
    th[aria-sort=descending] button::after{content:" \2193";content:" \2193" / ""}
    th.bar-head{text-align:center}
    td.bar-cell{width:34%;min-width:130px}
    .bar{display:block;position:relative;height:12px;background:var(--missing);
      border-radius:2px;overflow:hidden;print-color-adjust:exact;
      -webkit-print-color-adjust:exact}
    .bar i{position:absolute;inset:0 auto 0 0;background:var(--accent)}
    .skip .bar i{background:var(--warning)}
    .unsure .bar i{background:var(--missing);border:1.5px solid var(--accent);border-left:0}
    .bar::after{content:"";position:absolute;left:50%;top:0;bottom:0;border-left:1px solid var(--ink)}
    .badge{color:var(--warning);font-weight:600}
    footer{border-top:1px solid var(--grid);padding-top:16px;color:var(--mutedInk);font-size:12.5px}
    footer code{font-size:11.5px;overflow-wrap:anywhere}
    .static-figure svg{max-width:100%;height:auto}
    .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
      white-space:nowrap}
    .print-only{display:none}
    label+input,input+label{display:block}
    @media (max-width:860px){
      .page{padding:22px 16px 36px}
      .columns,.slider,.prompt-columns{grid-template-columns:minmax(0,1fr)}
      h1{font-size:22px}
      th,td{padding-left:6px;padding-right:6px}
    }
    @media (max-width:640px){
      #layers th:nth-child(2),#layers td:nth-child(2),
      #layers th:nth-child(4),#layers td:nth-child(4),
      #layers th:nth-child(5),#layers td:nth-child(5),
      #layers th:nth-child(7),#layers td:nth-child(7){display:none}
      .interval{display:block}
      #layers td:last-child{white-space:normal}
      th,td{padding-left:3px;padding-right:3px}
      th button{padding:5px 1px}
    }
    @media (max-width:379px){
      table{font-size:11.5px}
      #layers td:nth-child(3),#layers .interval{white-space:normal}
      th,td{padding-left:2px;padding-right:2px}
      .numbers{grid-template-columns:auto 1fr}
    }
    @media print{
      body{font-size:11pt}
      .page{max-width:none;padding:0}
      section{padding:14px 0}
      h2{break-after:avoid}
      figure,tr,#recommendation,#heads,#skipping{break-inside:avoid}
      /* Small enough to stand on the first page, below the recommendation. */
      #heads{font-size:9pt;padding:8px 0}
      #heads figcaption,#heads .legend{font-size:8.5pt}
      .print-only,.interval{display:block}
      #prompt{break-inside:avoid}
      .numbers{grid-template-columns:auto 1fr}
      .chart{margin-top:6px}
      .chart svg{max-width:270px}
      .columns{grid-template-columns:minmax(0,1.25fr) minmax(0,1fr);gap:10px 20px}
      .map svg{width:100%;height:auto;max-height:122mm}
      .prompt-map{max-width:110mm}
      .prompt-columns{grid-template-columns:minmax(0,1fr)}
      .prompt-text{max-height:none}
      .prompt-map,.prompt-cell{break-inside:avoid}
      .slider{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
      .slider .chart svg{max-width:none}
      .scroll{overflow:visible}
      button,select,input,.toolbar,.tip,.hint,label{display:none!important}
      /* A button's own box is not drawn again where the titles are repeated on the next page. */
      th button{display:contents!important}
      th{padding:5px}
      td{padding:4px 5px}
      #layer-table{font-size:9.5pt}
    }

    """#
}
