const layerLosses = range(data.layers).map(unpack(data.skipping.loss));
const cachedPositions = data.skipping.positions.reduce((sum, count) => sum + count, 0);

// Mean over the layers that are compressed when the first `skipped` of the order are not.
function predictedLoss(skipped, percent) {
  const losses = data.skipping.order.slice(skipped)
    .map(layer => layerLosses[layer][percent]).filter(Number.isFinite);
  return losses.length ? losses.reduce((sum, value) => sum + value, 0) / losses.length : NaN;
}

const slider = byId("skip-count");
const shareSlider = byId("skip-share");

function showSkipping() {
  const count = Number(slider.value);
  const percent = Number(shareSlider.value);
  const prediction = range(data.layers + 1).map(skipped => predictedLoss(skipped, percent));
  const layers = data.skipping.order.slice(0, count).sort((a, b) => a - b);
  const dropped = data.skipping.order.slice(count)
    .reduce((sum, layer) => sum + data.skipping.positions[layer] * percent / 100, 0);
  const kept = cachedPositions > 0 ? 1 - dropped / cachedPositions : 1;
  const keptText = `${Math.round(kept * 100)} % of the cache kept`;
  byId("skip-loss").textContent = count < data.layers ? show(prediction[count]) : "–";
  byId("skip-words").textContent = (count === 0 ? "No layer skipped"
    : count === data.layers ? "Every layer skipped: nothing is compressed, nothing lost"
    : count === 1 ? "1 layer skipped" : `${count} layers skipped`) + `; ${keptText}.`;
  byId("skip-list").textContent = layers.join(",") || "none";
  byId("copy-slider").disabled = count === 0;
  for (const place of document.querySelectorAll(".skip-percent")) place.textContent = percent;
  const outcome = `mean attention loss ${byId("skip-loss").textContent}, ${keptText}`;
  slider.setAttribute("aria-valuetext", `${count} of ${data.layers} layers skipped, ${outcome}`);
  shareSlider.setAttribute("aria-valuetext", `${percent} % compression, ${outcome}`);
  const greatest = Math.max(0.01, ...prediction.filter(Number.isFinite));
  chart(byId("skip-chart"), {
    x: {low: 0, high: Math.max(1, data.layers), least: 1, title: "Layers skipped"},
    y: {low: 0, high: greatest * 1.08},
    lines: [{xs: range(data.layers + 1), ys: prediction, style: "line-score", name: "Loss"}],
    dots: [{x: count, y: prediction[count]}],
    label: `Mean attention loss of the compressed layers at ${percent} % compression, by number `
      + `of layers skipped: ${show(prediction[0])} with none`,
  });
}

slider.max = data.layers;
slider.value = data.skipping.skip.length;
shareSlider.value = 50;
for (const one of [slider, shareSlider]) one.addEventListener("input", showSkipping);
showSkipping();

async function copy(text, button) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    // A page opened from a file may have no clipboard: select and copy the old way.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    done = document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const label = button.textContent;
  button.textContent = done ? "Copied" : "Copy failed";
  byId("copy-status").textContent = done ? `Copied ${text}` : "Copying failed";
  setTimeout(() => { button.textContent = label; }, 1500);
}

byId("copy-slider").addEventListener("click", event => {
  copy(byId("skip-list").textContent, event.currentTarget);
});
byId("copy-recommended")?.addEventListener("click", event => {
  copy(data.skipping.skip.join(","), event.currentTarget);
});
