// Drawn narrower on a narrow screen, where shrinking would make the numbers too small to read.
const chartSize = {width: Math.max(280, Math.min(440, innerWidth - 32)), height: 170, left: 46, right: 10, top: 8, bottom: 32};

// x and y: {low, high, title, log, least step between ticks}; lines: [{xs, ys, style}]; area: two rows of y over the first xs.
function chart(svg, {x, y, lines, area, dots = [], label}) {
  const s = chartSize;
  const logOf = value => Math.log10(Math.max(value, y.low));
  const placeX = value =>
    s.left + (value - x.low) / (x.high - x.low || 1) * (s.width - s.left - s.right);
  const placeY = value => {
    const share = y.log
      ? (logOf(value) - Math.log10(y.low)) / (Math.log10(y.high) - Math.log10(y.low) || 1)
      : (value - y.low) / (y.high - y.low || 1);
    return s.height - s.bottom
      - Math.max(0, Math.min(1, share)) * (s.height - s.top - s.bottom);
  };
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${s.width} ${s.height}`);
  // Its keys reach it under a screen reader too.
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-roledescription", "chart");
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("aria-label", `${label}. Arrow keys tell values.`);
  const yTicks = y.log
    ? range(Math.ceil(Math.log10(y.high)) - Math.floor(Math.log10(y.low)) + 1)
        .map(index => Math.pow(10, Math.floor(Math.log10(y.low)) + index))
        .filter(value => value >= y.low * 0.999 && value <= y.high * 1.001)
    : ticks(y.low, y.high, 5);
  for (const value of yTicks) {
    const at = placeY(value);
    svg.append(element("path", {class: "grid-line", d: `M${s.left} ${at}H${s.width - s.right}`}));
    svg.append(element("text", {x: s.left - 6, y: at + 4, "text-anchor": "end"},
      y.log ? `1e${Math.round(Math.log10(value))}` : String(value)));
  }
  const base = s.height - s.bottom;
  for (const value of ticks(x.low, x.high, 6, x.least)) {
    const at = placeX(value);
    svg.append(element("path", {class: "axis-line", d: `M${at} ${base}v4`}));
    svg.append(element("text", {x: at, y: base + 15, "text-anchor": "middle"}, String(value)));
  }
  svg.append(element("path", {class: "axis-line", d: `M${s.left} ${base}H${s.width - s.right}`}));
  const path = (xs, ys) => {
    let pen = "M";
    let d = "";
    xs.forEach((value, index) => {
      if (!Number.isFinite(ys[index])) { pen = "M"; return; }
      d += pen + placeX(value).toFixed(2) + " " + placeY(ys[index]).toFixed(2);
      pen = "L";
    });
    return d;
  };
  if (area && area.upper.every(Number.isFinite) && area.lower.every(Number.isFinite)) {
    const back = path([...area.xs].reverse(), [...area.lower].reverse()).replace("M", "L");
    svg.append(element("path", {class: "area", d: path(area.xs, area.upper) + back + "Z"}));
  }
  for (const line of lines) {
    svg.append(element("path", {class: line.style, d: path(line.xs, line.ys)}));
  }
  const named = lines.filter(line => line.name);
  for (const {xs, ys} of named) {
    // A line through one point is not seen.
    ys.forEach((value, index) => {
      if (!Number.isFinite(value) || Number.isFinite(ys[index - 1])
        || Number.isFinite(ys[index + 1])) return;
      svg.append(element("circle",
        {class: "lone-point", r: 3, cx: placeX(xs[index]), cy: placeY(value)}));
    });
  }
  for (const dot of dots) {
    if (!Number.isFinite(dot.y)) continue;
    svg.append(element("circle", {class: "dot", r: 4.5, cx: placeX(dot.x), cy: placeY(dot.y)}));
  }
  if (!named.some(line => line.ys.some(Number.isFinite))) {
    svg.append(element("text",
      {x: (s.left + s.width) / 2, y: base / 2, "text-anchor": "middle"}, "no values"));
  }
  svg.append(element("text", {class: "axis-title", x: (s.left + s.width - s.right) / 2,
    y: s.height - 2, "text-anchor": "middle"}, x.title));
  readings.set(svg, {x, y, lines: named, placeX});
  svg.append(element("path", {class: "cursor", visibility: "hidden"}));
}

// What each chart shows, for the pointer over it and for the arrow keys.
const readings = new WeakMap();

// The values at point `nearest` of a chart, in a tip beside `place`; returns them as text.
function tellReading(svg, nearest, place) {
  const reading = readings.get(svg);
  const x = reading.lines[0].xs[nearest];
  reading.at = nearest;
  const cursor = svg.querySelector(".cursor");
  cursor.setAttribute("d",
    `M${reading.placeX(x)} ${chartSize.top}V${chartSize.height - chartSize.bottom}`);
  cursor.setAttribute("visibility", "visible");
  const title = `${reading.x.title} ${Number(x.toFixed(2))}`;
  const lines = reading.lines.map(line => `${line.name} ${show(line.ys[nearest])}`);
  placeTip(place, title, lines);
  return [title, ...lines].join(", ");
}

function readChart(event) {
  const svg = event.currentTarget;
  const reading = readings.get(svg);
  const s = chartSize;
  if (!reading || reading.lines.length === 0) return;
  const box = svg.getBoundingClientRect();
  const {low, high} = reading.x;
  const at = low + ((event.clientX - box.left) * s.width / box.width - s.left)
    / (s.width - s.left - s.right) * (high - low);
  const xs = reading.lines[0].xs;
  let nearest = 0;
  xs.forEach((value, index) => {
    if (Math.abs(value - at) < Math.abs(xs[nearest] - at)) nearest = index;
  });
  tellReading(svg, nearest, event);
}

function readChartByKey(event) {
  const svg = event.currentTarget;
  const reading = readings.get(svg);
  if (!reading || reading.lines.length === 0) return;
  const last = reading.lines[0].xs.length - 1;
  const step = event.shiftKey ? 10 : 1;
  const page = Math.ceil(last / 10);
  const at = reading.at;
  let next;
  switch (event.key) {
    case "ArrowLeft": next = at === undefined ? last : at - step; break;
    case "ArrowRight": next = at === undefined ? 0 : at + step; break;
    case "PageUp": next = (at ?? 0) + page; break;
    case "PageDown": next = (at ?? last) - page; break;
    case "Home": next = 0; break;
    case "End": next = last; break;
    default: return;
  }
  event.preventDefault();
  next = Math.max(0, Math.min(last, next));
  const box = svg.getBoundingClientRect();
  byId("chart-status").textContent = tellReading(svg, next, {
    clientX: box.left + reading.placeX(reading.lines[0].xs[next]) * box.width / chartSize.width,
    clientY: box.top + box.height / 3});
}

for (const svg of document.querySelectorAll(".chart svg")) {
  svg.addEventListener("pointermove", readChart);
  svg.addEventListener("keydown", readChartByKey);
  for (const leaving of ["pointerleave", "blur"]) {
    svg.addEventListener(leaving, () => {
      tip.hidden = true;
      svg.querySelector(".cursor")?.setAttribute("visibility", "hidden");
    });
  }
}
document.addEventListener("keydown", event => { if (event.key === "Escape") tip.hidden = true; });

const loss = unpack(data.curves.loss);
const reference = unpack(data.curves.reference);
const attention = data.positions && unpack(data.positions.attention);
const norms = data.positions && unpack(data.positions.norms);

if (!data.positions) {
  for (const id of ["head-attention", "head-norms"]) byId(id).closest("figure").hidden = true;
}
if (data.positions && data.positions.step > 1) {
  for (const note of document.querySelectorAll(".position-note")) {
    note.textContent = `(after the first 16, each point the mean of ${data.positions.step} positions)`;
  }
}

function extent(values) {
  const finite = values.filter(Number.isFinite);
  return finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
}

function valueOf(key, index) {
  return data.metrics.find(metric => metric.key === key).values[index];
}

function withError(key, index) {
  const error = data.errors[key][index];
  return show(valueOf(key, index)) + (error === null ? "" : " ± " + show(error, 2));
}

function showHead(layer, head) {
  const index = layer * data.heads + head;
  const kvHead = data.kvHead[index];
  byId("head-title").textContent = `Layer ${layer}, head ${head}`
    + (kvHead >= 0 && data.kvHeads !== data.heads ? ` (KV head ${kvHead})` : "");
  const numbers = [["ALR", withError("alr", index)],
    ["ALR / n", show(valueOf("alr_normalized", index))],
    ["ALR ratio", withError("alr_ratio", index)],
    ["Spearman", show(valueOf("spearman", index), 2)]];
  byId("head-numbers").replaceChildren(...numbers.flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = name;
    detail.textContent = value;
    return [term, detail];
  }));
  const dropped = loss(index);
  const ideal = reference(index);
  const xs = dropped.map((_, point) => point * data.curves.step / 100);
  const full = dropped[dropped.length - 1];
  chart(byId("head-loss"), {
    x: {low: 0, high: 1, title: "Compression ratio"},
    y: {low: 0, high: Math.max(0.1, Math.ceil(extent(dropped)[1] * 10 - 1e-3) / 10)},
    area: {xs, upper: dropped, lower: ideal},
    lines: [{xs: [0, 1], ys: [0, full], style: "line-random"},
      {xs, ys: ideal, style: "line-ideal", name: "Ideal"},
      {xs, ys: dropped, style: "line-score", name: "Loss"}],
    label: `Attention loss of layer ${layer}, head ${head} by compression ratio: at one half `
      + `${show(dropped[Math.floor(dropped.length / 2)])}, ideal `
      + `${show(ideal[Math.floor(ideal.length / 2)])}`,
  });
  if (!data.positions) return;
  const places = data.positions.starts;
  const scores = attention(index);
  const top = extent(scores.filter(value => value > 0))[1];
  const axis = {low: 0, high: Math.max(1, data.positions.count - 1), least: 1,
    title: "Position in the cache"};
  chart(byId("head-attention"), {
    x: axis, y: {low: 1e-6, high: Math.pow(10, Math.ceil(Math.log10(Math.max(top, 1e-5)))),
      log: true},
    lines: [{xs: places, ys: scores, style: "line-thin", name: "Attention"}],
    label: `Mean attention score by position; highest ${show(top)}`,
  });
  const keys = kvHead >= 0 ? norms(layer * data.kvHeads + kvHead) : [];
  const [least, greatest] = extent(keys);
  chart(byId("head-norms"), {
    x: axis, y: {low: Math.min(0, least), high: greatest > 0 ? greatest * 1.05 : 1},
    lines: [{xs: places, ys: keys, style: "line-thin", name: "Key norm"}],
    label: `Mean key norm by position, from ${show(least)} to ${show(greatest)}`,
  });
}
