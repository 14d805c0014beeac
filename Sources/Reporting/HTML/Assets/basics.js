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

function shade(metric, value) {
  const colors = data.maps[metric.map];
  const extent = metric.high - metric.low;
  const share = extent > 0 ? (value - metric.low) / extent : 0.5;
  return colors[Math.round(Math.max(0, Math.min(1, share)) * (colors.length - 1))];
}

const tip = byId("tip");

// The tip beside the pointer: a title and lines of text.
function placeTip(event, title, lines) {
  const parts = [title, ...lines].map((text, index) => {
    const part = document.createElement(index ? "div" : "b");
    part.textContent = text;
    return part;
  });
  tip.replaceChildren(...parts);
  tip.hidden = false;
  const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 16;
  tip.style.left = Math.max(8, x) + "px";
  tip.style.top = (below + tip.offsetHeight > innerHeight
    ? event.clientY - tip.offsetHeight - 12 : below) + "px";
}

// Steps of 1, 2 or 5 times a power of ten and no less than `least`, at most `most` of them.
function ticks(low, high, most, least = 0) {
  if (!(high > low)) return [low];
  let step = Math.pow(10, Math.floor(Math.log10((high - low) / most)));
  for (const factor of [1, 2, 5, 10]) {
    if (step * factor >= least && (high - low) / (step * factor) <= most) { step *= factor; break; }
  }
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return range(last - first + 1).map(index => Number(((first + index) * step).toPrecision(12)));
}
