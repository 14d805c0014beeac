const prompt = data.prompt;
if (prompt) {
  const size = prompt.tokens.length;
  const canvas = byId("prompt-canvas");
  const frame = byId("prompt-map");
  const textBox = byId("prompt-text");
  const pickers = {layer: byId("prompt-layer"), head: byId("prompt-head")};
  const coloring = byId("prompt-color");
  const triangle = query => query * (query + 1) / 2;
  const promptNorms = prompt.norms && unpack(prompt.norms);
  // Space and line breaks made visible, as a name of the token.
  const names = prompt.tokens.map(text => text.trim() ? text.trim()
    : text.replaceAll("\n", "↵").replaceAll("\t", "⇥").replaceAll(" ", "␣") || "∅");
  // Isolated: a name in another direction does not turn what follows it.
  const tokenName = index => `“\u2068${names[index]}\u2069” (${index})`;
  let place = {layer: 0, head: 0};
  let cell = {query: size - 1, key: 0};
  let unpacked = {layer: -1, bytes: null};
  let scores = null;
  let keyNorms = null;
  let received = null;

  // The maps of a layer are unpacked when one of them is first wanted.
  function loadHead() {
    if (prompt.maps) {
      if (unpacked.layer !== place.layer) {
        const bytes = inflate(fromBase64(prompt.maps[place.layer]),
          prompt.heads.length * triangle(size));
        unpacked = {layer: place.layer, bytes};
      }
      const first = place.head * triangle(size);
      scores = Float64Array.from(unpacked.bytes.subarray(first, first + triangle(size)),
        value => (value / 255) ** 2);
      received = range(size).map(key => {
        let sum = 0;
        for (let query = key + 1; query < size; query++) sum += scores[triangle(query) + key];
        return key + 1 < size ? sum / (size - 1 - key) : NaN;
      });
    }
    keyNorms = promptNorms
      && promptNorms(place.layer * prompt.kvHeads + prompt.kvHead[place.head]);
  }

  const isSeen = (query, key) => {
    const window = prompt.windows[place.layer];
    return key <= query && (window === null || key > query - window);
  };
  const channels = data.maps.sequential.map(color =>
    [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16)));

  function drawPromptMap() {
    if (!scores) return;
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    const image = context.createImageData(size, size);
    for (let query = 0; query < size; query++) {
      for (let key = 0; key <= query; key++) {
        if (!isSeen(query, key)) continue;
        const share = Math.sqrt(scores[triangle(query) + key]);
        image.data.set([...channels[Math.round(share * (channels.length - 1))], 255],
          4 * (query * size + key));
      }
    }
    context.putImageData(image, 0, 0);
  }

  const spans = prompt.tokens.map((text, index) => {
    const span = document.createElement("span");
    span.className = "token";
    span.dataset.index = index;
    span.textContent = text === "" ? "∅" : text.replaceAll("\n", "↵\n");
    return span;
  });
  textBox.append(...spans);
  if (size < prompt.total) {
    const more = document.createElement("span");
    more.className = "muted";
    more.textContent = ` … ${prompt.total - size} more tokens`;
    textBox.append(more);
  }

  // What colours the text: a value for each token, its range and how shares follow from it.
  function shades() {
    if (coloring.value === "norm") {
      const [low, high] = extent(keyNorms);
      return {values: keyNorms, low, high, power: 1, help: "key norm; small keys are kept"};
    }
    const values = coloring.value === "query"
      ? range(size).map(key => isSeen(cell.query, key) ? scores[triangle(cell.query) + key] : NaN)
      : received;
    return {values, low: 0, high: extent(values)[1], power: 0.5, help: coloring.value === "query"
      ? `attention of ${tokenName(cell.query)}` : "mean attention of the tokens after it"};
  }

  function colorText() {
    const {values, low, high, power, help} = shades();
    values.forEach((value, index) => {
      const share = Number.isFinite(value) && high > low ? ((value - low) / (high - low)) ** power : 0;
      spans[index].style.setProperty("--share", `${Math.round(share * 62)}%`);
    });
    byId("prompt-low").textContent = show(low);
    byId("prompt-high").textContent = show(high);
    byId("prompt-help").textContent = help + (power === 0.5 ? "; square-root scale" : "");
  }

  function describeCell({query, key}) {
    const lines = [`Query ${tokenName(query)}`, `Position ${tokenName(key)}`];
    if (scores) {
      lines.push(isSeen(query, key)
        ? `Attention ${show(scores[triangle(query) + key], 2)}` : "Not seen by this query");
    }
    if (keyNorms) lines.push(`Key norm ${show(keyNorms[key])}`);
    return lines;
  }

  function markCell({query, key}, isHovered) {
    const pitch = 100 / size;
    byId("prompt-row").style.cssText = `top:${query * pitch}%;height:${pitch}%`;
    byId("prompt-column").style.cssText = `left:${key * pitch}%;width:${pitch}%`;
    for (const span of textBox.querySelectorAll(".is-query,.is-key")) {
      span.classList.remove("is-query", "is-key");
    }
    spans[query].classList.add("is-query");
    spans[key].classList.add("is-key");
    byId("prompt-cell").textContent = describeCell({query, key}).join(" · ");
    if (!isHovered && coloring.value === "query") colorText();
  }

  function showPrompt(layer, head) {
    const wanted = {layer: prompt.layers.indexOf(layer), head: prompt.heads.indexOf(head)};
    const isCaptured = wanted.layer >= 0 && wanted.head >= 0;
    if (isCaptured) place = wanted;
    byId("prompt-missing").textContent = isCaptured ? "" : `Layer ${layer}, head ${head} is not here.`;
    pickers.layer.value = prompt.layers[place.layer];
    pickers.head.value = prompt.heads[place.head];
    byId("prompt-name").textContent =
      `Layer ${pickers.layer.value}, head ${pickers.head.value}`;
    loadHead();
    drawPromptMap();
    colorText();
    markCell(cell, true);
    frame.setAttribute("aria-label", `Attention map of layer ${prompt.layers[place.layer]}, head `
      + `${prompt.heads[place.head]}. Arrow keys move from cell to cell.`);
  }

  for (const [name, values] of [["layer", prompt.layers], ["head", prompt.heads]]) {
    for (const value of values) pickers[name].add(new Option(String(value)));
    pickers[name].addEventListener("change", () => {
      const layer = Number(pickers.layer.value);
      const head = Number(pickers.head.value);
      if (layer < data.layers && head < data.heads) choose(layer, head);
      else showPrompt(layer, head);
    });
  }
  for (const [value, label, isThere] of [["received", "attention received", prompt.maps],
    ["query", "attention of the chosen token", prompt.maps], ["norm", "key norm", prompt.norms]]) {
    if (isThere) coloring.add(new Option(label, value));
  }
  coloring.addEventListener("change", colorText);
  byId("prompt-map-part").hidden = !prompt.maps;
  byId("prompt-bar").style.background = `linear-gradient(to right,${data.maps.sequential.join(",")})`;

  const cellUnder = event => {
    const box = canvas.getBoundingClientRect();
    const at = (value, extent) => Math.max(0, Math.min(size - 1, Math.floor(value / extent * size)));
    return {query: at(event.clientY - box.top, box.height), key: at(event.clientX - box.left, box.width)};
  };
  const leave = () => { tip.hidden = true; markCell(cell, true); };
  frame.addEventListener("pointermove", event => {
    const under = cellUnder(event);
    markCell(under, true);
    placeTip(event, `Layer ${prompt.layers[place.layer]}, head ${prompt.heads[place.head]}`,
      describeCell(under));
  });
  frame.addEventListener("pointerleave", leave);
  frame.addEventListener("click", event => {
    cell = cellUnder(event);
    cell.key = Math.min(cell.key, cell.query);
    markCell(cell, false);
  });
  frame.addEventListener("keydown", event => {
    const step = event.shiftKey ? 10 : 1;
    const next = {...cell};
    switch (event.key) {
      case "ArrowUp": next.query -= step; break;
      case "ArrowDown": next.query += step; break;
      case "ArrowLeft": next.key -= step; break;
      case "ArrowRight": next.key += step; break;
      case "Home": next.key = 0; break;
      case "End": next.key = next.query; break;
      default: return;
    }
    event.preventDefault();
    tip.hidden = true;
    next.query = Math.max(0, Math.min(size - 1, next.query));
    next.key = Math.max(0, Math.min(next.query, next.key));
    cell = next;
    markCell(cell, false);
  });
  const tokenUnder = event => {
    const index = event.target.closest(".token")?.dataset.index;
    return index === undefined ? null : Number(index);
  };
  textBox.addEventListener("pointermove", event => {
    const key = tokenUnder(event);
    if (key === null) { tip.hidden = true; return; }
    const lines = [];
    if (received) lines.push(`Attention received ${show(received[key], 2)}`);
    if (scores && isSeen(cell.query, key)) {
      lines.push(`Attention of ${tokenName(cell.query)} ${show(scores[triangle(cell.query) + key], 2)}`);
    }
    if (keyNorms) lines.push(`Key norm ${show(keyNorms[key])}`);
    placeTip(event, tokenName(key), lines);
  });
  textBox.addEventListener("pointerleave", leave);
  const chooseQuery = query => {
    cell = {query, key: Math.min(cell.key, query)};
    if (prompt.maps) coloring.value = "query";
    colorText();
    markCell(cell, false);
  };
  textBox.addEventListener("click", event => {
    const query = tokenUnder(event);
    if (query !== null) chooseQuery(query);
  });
  textBox.addEventListener("keydown", event => {
    const step = event.shiftKey ? 10 : 1;
    let query;
    switch (event.key) {
      case "ArrowLeft": query = cell.query - step; break;
      case "ArrowRight": query = cell.query + step; break;
      case "Home": query = 0; break;
      case "End": query = size - 1; break;
      default: return;
    }
    event.preventDefault();
    chooseQuery(Math.max(0, Math.min(size - 1, query)));
    spans[cell.query].scrollIntoView({block: "nearest"});
  });
  onChoice = showPrompt;
  const first = prompt.layers.includes(active.layer) && prompt.heads.includes(active.head)
    ? active : {layer: prompt.layers[0], head: prompt.heads[0]};
  showPrompt(first.layer, first.head);
}
