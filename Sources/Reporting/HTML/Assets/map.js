const map = byId("map");
let metric = data.metrics[0];
let geometry = null;
let active = {layer: data.start[0], head: data.start[1]};
let onChoice = () => {};

function measureMap() {
  const left = 26 + 8 * String(Math.max(0, data.layers - 1)).length;
  const right = 18;
  const room = Math.max(120, map.clientWidth - left - right);
  const cellWidth = Math.max(3, Math.min(66, Math.floor(room / data.heads)));
  const tallest = Math.max(3, Math.floor(620 / data.layers));
  const cellHeight = Math.max(3, Math.min(34, tallest, Math.max(12, cellWidth * 2)));
  return {left, top: 4, cellWidth, cellHeight, gap: Math.min(cellWidth, cellHeight) >= 11 ? 1 : 0,
    width: left + cellWidth * data.heads + right,
    height: 4 + cellHeight * data.layers + 38};
}

function cellBox(layer, head) {
  return {x: geometry.left + head * geometry.cellWidth,
    y: geometry.top + layer * geometry.cellHeight,
    width: geometry.cellWidth - geometry.gap, height: geometry.cellHeight - geometry.gap};
}

function drawMap() {
  geometry = measureMap();
  const g = geometry;
  const svg = element("svg", {width: g.width, height: g.height,
    viewBox: `0 0 ${g.width} ${g.height}`, "aria-hidden": "true"});
  const paths = new Map();
  let missing = "";
  let marks = "";
  for (let layer = 0; layer < data.layers; layer++) {
    for (let head = 0; head < data.heads; head++) {
      const box = cellBox(layer, head);
      const shape = `M${box.x} ${box.y}h${box.width}v${box.height}h${-box.width}z`;
      const value = metric.values[layer * data.heads + head];
      if (value === null) {
        missing += shape;
        marks += `M${box.x + 1} ${box.y + box.height - 1}L${box.x + box.width - 1} ${box.y + 1}`;
      } else {
        const color = shade(metric, value);
        paths.set(color, (paths.get(color) || "") + shape);
      }
    }
  }
  const cells = element("g", {"shape-rendering": "crispEdges"});
  for (const [color, shape] of paths) cells.append(element("path", {fill: color, d: shape}));
  svg.append(cells, element("path", {class: "cell-missing", d: missing}),
    element("path", {class: "cell-mark", d: marks}));
  const every = (size, least) => {
    let step = 1;
    while (step * size < least) step *= 2;
    return step;
  };
  for (let layer = 0; layer < data.layers; layer += every(g.cellHeight, 15)) {
    svg.append(element("text", {x: g.left - 6, "text-anchor": "end",
      y: g.top + (layer + 0.5) * g.cellHeight + 4}, layer));
  }
  const bottom = g.top + data.layers * g.cellHeight;
  const widest = 7 * String(Math.max(0, data.heads - 1)).length + 8;
  for (let head = 0; head < data.heads; head += every(g.cellWidth, widest)) {
    svg.append(element("text", {x: g.left + (head + 0.5) * g.cellWidth, y: bottom + 14,
      "text-anchor": "middle"}, head));
  }
  const middle = g.top + data.layers * g.cellHeight / 2;
  svg.append(
    element("text", {class: "axis-title", x: g.left + data.heads * g.cellWidth / 2,
      y: bottom + 32, "text-anchor": "middle"}, "Head"),
    element("text", {class: "axis-title", x: 11, y: middle, "text-anchor": "middle",
      transform: `rotate(-90 11 ${middle})`}, "Layer"));
  for (const [layers, style, shape] of [[data.skipping.skip, "skip-mark", "l8 -4v8z"],
    [data.skipping.unsure, "unsure-mark", "l3.5 -4l3.5 4l-3.5 4z"]]) {
    for (const layer of layers) {
      const y = g.top + (layer + 0.5) * g.cellHeight;
      const x = g.left + data.heads * g.cellWidth + 4;
      svg.append(element("path", {class: style, d: `M${x} ${y}${shape}`}));
    }
  }
  svg.append(element("rect", {class: "hover", id: "map-hover", visibility: "hidden"}),
    element("rect", {class: "ring-under"}), element("rect", {class: "ring", id: "map-ring"}));
  map.querySelector("svg")?.remove();
  map.prepend(svg);
  moveRing();
  byId("legend-low").textContent = show(metric.low);
  byId("legend-high").textContent = show(metric.high);
  byId("legend-bar").style.background =
    `linear-gradient(to right,${data.maps[metric.map].join(",")})`;
  byId("legend-help").textContent = `${metric.label}: ${metric.help}`;
  byId("legend-missing").hidden = !metric.values.includes(null);
  byId("legend-skip").hidden = data.skipping.skip.length === 0;
  byId("legend-unsure").hidden = data.skipping.unsure.length === 0;
}

function moveRing() {
  const box = cellBox(active.layer, active.head);
  for (const ring of map.querySelectorAll(".ring,.ring-under")) {
    ring.setAttribute("x", box.x - 1);
    ring.setAttribute("y", box.y - 1);
    ring.setAttribute("width", box.width + 2);
    ring.setAttribute("height", box.height + 2);
  }
}

function describe(layer, head) {
  const index = layer * data.heads + head;
  return `Layer ${layer}, head ${head}: ALR ${withError("alr", index)}, `
    + `ALR ratio ${withError("alr_ratio", index)}`;
}

function choose(layer, head) {
  active = {layer, head};
  moveRing();
  showHead(layer, head);
  byId("map-status").textContent = describe(layer, head);
  onChoice(layer, head);
}

function cellAt(event) {
  const box = map.querySelector("svg").getBoundingClientRect();
  const head = Math.floor((event.clientX - box.left - geometry.left) / geometry.cellWidth);
  const layer = Math.floor((event.clientY - box.top - geometry.top) / geometry.cellHeight);
  const inside = head >= 0 && head < data.heads && layer >= 0 && layer < data.layers;
  return inside ? {layer, head} : null;
}

function hideTip() {
  tip.hidden = true;
  byId("map-hover")?.setAttribute("visibility", "hidden");
}

function showTip(event) {
  const cell = cellAt(event);
  if (!cell) { hideTip(); return; }
  const index = cell.layer * data.heads + cell.head;
  placeTip(event, `Layer ${cell.layer}, head ${cell.head}`, [`ALR ${withError("alr", index)}`,
    `ALR / n ${show(valueOf("alr_normalized", index))}`,
    `ALR ratio ${withError("alr_ratio", index)}`,
    `Spearman ${show(valueOf("spearman", index), 2)}`]);
  const hover = byId("map-hover");
  for (const [key, value] of Object.entries(cellBox(cell.layer, cell.head))) {
    hover.setAttribute(key, value);
  }
  hover.setAttribute("visibility", "visible");
}

if (data.layers > 0 && data.heads > 0) {
  map.addEventListener("pointermove", showTip);
  map.addEventListener("pointerleave", hideTip);
  map.addEventListener("click", event => {
    const cell = cellAt(event);
    if (cell) choose(cell.layer, cell.head);
  });
  map.addEventListener("keydown", event => {
    const last = {layer: data.layers - 1, head: data.heads - 1};
    const next = {...active};
    switch (event.key) {
      case "ArrowUp": next.layer -= 1; break;
      case "ArrowDown": next.layer += 1; break;
      case "ArrowLeft": next.head -= 1; break;
      case "ArrowRight": next.head += 1; break;
      case "PageUp": next.layer -= 8; break;
      case "PageDown": next.layer += 8; break;
      case "Home": next.head = 0; if (event.ctrlKey) next.layer = 0; break;
      case "End": next.head = last.head; if (event.ctrlKey) next.layer = last.layer; break;
      default: return;
    }
    event.preventDefault();
    hideTip();
    choose(Math.max(0, Math.min(last.layer, next.layer)),
      Math.max(0, Math.min(last.head, next.head)));
  });
  const picker = byId("metric");
  data.metrics.forEach((entry, index) => picker.add(new Option(entry.label, index)));
  picker.addEventListener("change", () => {
    metric = data.metrics[picker.value];
    drawMap();
  });
  let drawnWidth = 0;
  new ResizeObserver(() => {
    if (map.clientWidth === drawnWidth) return;
    drawnWidth = map.clientWidth;
    drawMap();
  }).observe(map);
  drawMap();
  showHead(active.layer, active.head);
  byId("map-status").textContent = describe(active.layer, active.head);
}
