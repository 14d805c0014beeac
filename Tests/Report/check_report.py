"""Opens a report in headless Chromium and tries everything it offers.

    python3 Tests/Report/check_report.py alr-results/NAME/report.html [--screenshots DIR]

Exits 0 when all checks hold; prints each that does not.
"""

import argparse
import json
import os
import re

from chromium import Browser


class Checks:
    def __init__(self):
        self.failed = 0
        self.done = 0

    def expect(self, holds, what):
        self.done += 1
        if not holds:
            self.failed += 1
            print("FAILED:", what)


def number(text):
    match = re.search(r"-?\d+(\.\d+)?(e-?\d+)?", text or "")
    return float(match.group(0)) if match else None


def cell_center(browser, layer, head):
    return browser.evaluate(f"""(() => {{
      document.getElementById("map").scrollIntoView({{block: "center"}});
      const data = JSON.parse(document.getElementById("report-data").textContent);
      const svg = document.querySelector("#map svg");
      const box = svg.getBoundingClientRect();
      const first = svg.querySelector("#map-ring");
      const layer = {layer}, head = {head};
      const width = Number(first.getAttribute("width")) - 2;
      const d = [...svg.querySelectorAll("g path"), svg.querySelector(".cell-missing")]
        .flatMap(path => [...(path.getAttribute("d") || "").matchAll(/M([\\d.]+) ([\\d.]+)h/g)])
        .map(match => [Number(match[1]), Number(match[2])]);
      const xs = [...new Set(d.map(p => p[0]))].sort((a, b) => a - b);
      const ys = [...new Set(d.map(p => p[1]))].sort((a, b) => a - b);
      const pitchX = xs.length > 1 ? xs[1] - xs[0] : width;
      const pitchY = ys.length > 1 ? ys[1] - ys[0] : width;
      return [box.left + xs[0] + (head + 0.4) * pitchX, box.top + ys[0] + (layer + 0.4) * pitchY];
    }})()""")


def check_map(browser, checks, data):
    layers, heads = data["layers"], data["heads"]
    layer, head = layers - 1, heads // 2
    x, y = cell_center(browser, layer, head)
    browser.mouse("mouseMoved", x, y)
    tip = browser.text("tip")
    checks.expect(f"Layer {layer}, head {head}" in tip, f"tooltip names the cell: {tip!r}")
    value = data["metrics"][0]["values"][layer * heads + head]
    if value is not None:
        shown = number(tip.split("ALR ", 1)[1])
        checks.expect(abs(shown - value) <= 0.01 * abs(value), f"tooltip ALR {shown}, not {value}")
    checks.expect(browser.evaluate("!document.getElementById('tip').hidden"), "tooltip is seen")
    before = browser.evaluate("document.getElementById('head-loss').innerHTML")
    browser.click(x, y)
    title = browser.text("head-title")
    checks.expect(title.startswith(f"Layer {layer}, head {head}"), f"click chooses: {title!r}")
    after = browser.evaluate("document.getElementById('head-loss').innerHTML")
    checks.expect(before != after or data["start"] == [layer, head], "click redraws the curves")
    checks.expect("NaN" not in after, "no NaN in the curves")
    browser.evaluate("document.getElementById('map').focus()")
    browser.key("ArrowUp")
    browser.key("ArrowLeft")
    title = browser.text("head-title")
    wanted = f"Layer {max(layer - 1, 0)}, head {max(head - 1, 0)}"
    checks.expect(title.startswith(wanted), f"arrow keys move: {title!r}, not {wanted!r}")
    checks.expect(wanted in browser.text("map-status"), "the move is announced")
    browser.key("End")
    checks.expect(f"head {heads - 1}" in browser.text("head-title"), "End goes to the last head")
    help_before = browser.text("legend-help")
    browser.evaluate("""(() => { const picker = document.getElementById("metric");
      picker.value = "1"; picker.dispatchEvent(new Event("change")); })()""")
    checks.expect(browser.text("legend-help") != help_before, "another measure, another legend")
    browser.evaluate("""(() => { const picker = document.getElementById("metric");
      picker.value = "0"; picker.dispatchEvent(new Event("change")); })()""")


def check_missing(browser, checks, data):
    values = data["metrics"][0]["values"]
    if None not in values:
        return
    index = values.index(None)
    x, y = cell_center(browser, index // data["heads"], index % data["heads"])
    browser.click(x, y)
    checks.expect("–" in browser.text("head-numbers"), "a missing head shows dashes")
    checks.expect("no values" in browser.text("head-loss"), "a missing head has no curves")
    checks.expect(browser.evaluate("!document.getElementById('legend-missing').hidden"),
                  "the legend explains missing cells")


def check_slider(browser, checks, data):
    order, losses = data["skipping"]["order"], data["skipping"]["loss"]
    count = data["layers"] // 2
    browser.evaluate(f"""(() => {{ const slider = document.getElementById("skip-count");
      slider.value = {count}; slider.dispatchEvent(new Event("input")); }})()""")
    kept = [losses[layer] for layer in order[count:] if losses[layer] is not None]
    if kept:
        shown, wanted = number(browser.text("skip-loss")), sum(kept) / len(kept)
        checks.expect(abs(shown - wanted) < 0.006 * wanted + 1e-6, f"loss {shown}, not {wanted}")
    wanted = ",".join(str(layer) for layer in sorted(order[:count])) or "none"
    checks.expect(browser.text("skip-list") == wanted, f"skip list {browser.text('skip-list')!r}")
    if count:
        browser.click_element("#copy-slider")
        browser.evaluate("new Promise(done => setTimeout(done, 100))")
        status = browser.text("copy-status")
        checks.expect(status == f"Copied {wanted}", f"copy button: {status!r}")


def check_table(browser, checks):
    read = ("[...document.querySelectorAll('#layer-table tbody tr')]"
            ".map(row => row.cells[4].dataset.value)")
    # Twice on one title: ascending, then descending.
    for direction in (1, -1):
        browser.click_element("#layer-table th:nth-child(5) button")
        values = browser.evaluate(read)
        numbers = [float(value) for value in values if value != ""]
        checks.expect(numbers == sorted(numbers, reverse=direction < 0), "column is sorted")
        checks.expect("" not in values[:len(numbers)], "missing values come last")
        sort = browser.evaluate(
            "document.querySelector('#layer-table th:nth-child(5)').getAttribute('aria-sort')")
        checks.expect(sort == ("ascending" if direction > 0 else "descending"), f"aria-sort {sort}")


def check_layout(browser, checks, path, screenshots):
    for width, height, dark in ((1280, 900, False), (1280, 900, True), (420, 900, False),
                                (420, 900, True)):
        browser.open(path, width, height, dark)
        name = f"{width}-{'dark' if dark else 'light'}"
        overflow = browser.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        checks.expect(overflow <= 0, f"{name}: page is {overflow} pixels too wide")
        if screenshots:
            browser.screenshot(os.path.join(screenshots, f"{name}.png"))
    if screenshots:
        browser.pdf(os.path.join(screenshots, "print.pdf"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report")
    parser.add_argument("--screenshots")
    parser.add_argument("--chromium")
    arguments = parser.parse_args()
    if arguments.screenshots:
        os.makedirs(arguments.screenshots, exist_ok=True)
    checks = Checks()
    size = os.path.getsize(arguments.report)
    checks.expect(size < 5_000_000, f"{size} bytes are 5 MB or more")
    browser = Browser(arguments.chromium)
    try:
        browser.open(arguments.report, 1280, 900)
        data = json.loads(browser.text("report-data"))
        if data["layers"] and data["heads"]:
            check_map(browser, checks, data)
            check_missing(browser, checks, data)
        check_slider(browser, checks, data)
        check_table(browser, checks)
        checks.expect(browser.evaluate("window.broken === undefined"), "no text was run as script")
        checks.expect(browser.evaluate("document.images.length") == 0, "no image slipped in")
        check_layout(browser, checks, arguments.report, arguments.screenshots)
        foreign = [url for url in browser.requests if not url.startswith(("file:", "data:"))]
        checks.expect(not foreign, f"requests to {foreign[:3]}")
        checks.expect(not browser.problems, f"console: {browser.problems[:3]}")
    finally:
        browser.close()
    print(f"{checks.done - checks.failed} of {checks.done} checks hold")
    raise SystemExit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
