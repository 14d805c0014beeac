/// The report's slider, sortable table and copy buttons.
enum ReportScriptControls {
  static let text = #"""
    function predictedLoss(skipped) {
      const without = new Set(data.skipping.order.slice(0, skipped));
      const kept = data.skipping.loss
        .filter((value, layer) => value !== null && !without.has(layer));
      return kept.length ? kept.reduce((sum, value) => sum + value, 0) / kept.length : NaN;
    }

    const slider = byId("skip-count");
    const prediction = range(data.layers + 1).map(predictedLoss);

    function showSkipping() {
      const count = Number(slider.value);
      const layers = data.skipping.order.slice(0, count).sort((a, b) => a - b);
      const kept = data.layers > 0 ? 0.5 + 0.5 * count / data.layers : 1;
      byId("skip-loss").textContent = count < data.layers ? show(prediction[count]) : "–";
      byId("skip-words").textContent = (count === 0 ? "No layer skipped"
        : count === data.layers ? "Every layer skipped: nothing is compressed, nothing lost"
        : count === 1 ? "1 layer skipped" : `${count} layers skipped`)
        + `; ${Math.round(kept * 100)} % of the cache kept.`;
      byId("skip-list").textContent = layers.join(",") || "none";
      byId("copy-slider").disabled = count === 0;
      slider.setAttribute("aria-valuetext", `${count} of ${data.layers} layers skipped, `
        + `mean attention loss ${byId("skip-loss").textContent}`);
      const greatest = Math.max(0.01, ...prediction.filter(Number.isFinite));
      chart(byId("skip-chart"), {
        x: {low: 0, high: Math.max(1, data.layers), title: "Layers skipped"},
        y: {low: 0, high: greatest * 1.08},
        lines: [{xs: range(data.layers + 1), ys: prediction, style: "line-score", name: "Loss"}],
        dots: [{x: count, y: prediction[count]}],
        label: "Mean attention loss of the compressed layers by number of layers skipped",
      });
    }

    slider.max = data.layers;
    slider.value = data.skipping.recommended.length;
    slider.addEventListener("input", showSkipping);
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
      copy(data.skipping.recommended.join(","), event.currentTarget);
    });

    const table = byId("layer-table");
    const headers = table ? [...table.tHead.rows[0].cells] : [];
    headers.forEach((header, column) => {
      header.querySelector("button").addEventListener("click", () => {
        const isAscending = header.getAttribute("aria-sort") === "ascending";
        for (const other of headers) other.removeAttribute("aria-sort");
        header.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
        const key = row => {
          const text = row.cells[column].dataset.value;
          return text === "" ? null : Number(text);
        };
        const rows = [...table.tBodies[0].rows].map(row => ({row, value: key(row)}));
        rows.sort((a, b) => {
          // What has no value stays last in either direction.
          if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
          return isAscending ? b.value - a.value : a.value - b.value;
        });
        table.tBodies[0].append(...rows.map(entry => entry.row));
      });
    });

    """#
}
