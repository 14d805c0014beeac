"""Opens a report in headless Chromium and tries everything it offers.

    python3 Tests/Report/check_report.py alr-results/NAME/report.html [--screenshots DIR]

Exits 0 when all checks hold; prints each that does not.
"""

import argparse
import base64
import json
import os
import re
import zlib

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
    start = "Layer {}, head {}:".format(*data["start"])
    status = browser.text("map-status")
    checks.expect(status.startswith(start), f"what the map begins with is described: {status!r}")
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


def unpacked(text):
    return zlib.decompress(base64.b64decode(text))


def check_chart(browser, checks, data):
    """The loss under the pointer is the one that was packed."""
    curves = data["curves"]["loss"]
    layer, head = data["layers"] - 1, data["heads"] - 1
    row, columns = layer * data["heads"] + head, curves["columns"]
    browser.evaluate("document.getElementById('map').focus()")
    for _ in range(max(data["layers"], data["heads"])):
        browser.key("ArrowDown")
        browser.key("ArrowRight")
    checks.expect(browser.text("head-title").startswith(f"Layer {layer}, head {head}"), "last head")
    x, y, width = browser.evaluate("""(() => { const svg = document.getElementById("head-loss");
      svg.scrollIntoView({block: "center"}); const box = svg.getBoundingClientRect();
      return [box.left, box.top + box.height / 2, box.width]; })()""")
    browser.mouse("mouseMoved", x + width * (46 + 0.5 * (440 - 56)) / 440, y)
    words = unpacked(curves["bytes"])
    at = 2 * (row * columns + columns // 2)
    word = words[at] + 256 * words[at + 1]
    value = curves["low"][row] + (curves["high"][row] - curves["low"][row]) * word / 65534
    shown = number(browser.text("tip").split("Loss ", 1)[-1])
    if word != 65535:
        checks.expect(shown is not None and abs(shown - value) < 0.006 * abs(value) + 1e-5,
                      f"loss under the pointer {shown}, not {value}")


def choose_option(browser, identifier, value):
    browser.evaluate(f"""(() => {{ const picker = document.getElementById({json.dumps(identifier)});
      picker.value = {json.dumps(str(value))}; picker.dispatchEvent(new Event("change")); }})()""")


def prompt_point(browser, size, query, key):
    left, top, width, height = browser.evaluate("""(() => {
      const map = document.getElementById("prompt-canvas");
      map.scrollIntoView({block: "center"});
      const box = map.getBoundingClientRect();
      return [box.left, box.top, box.width, box.height]; })()""")
    return left + (key + 0.5) / size * width, top + (query + 0.5) / size * height


def check_prompt(browser, checks, data):
    prompt = data["prompt"]
    if not prompt:
        return
    size = len(prompt["tokens"])
    layer, head = len(prompt["layers"]) - 1, len(prompt["heads"]) - 1
    choose_option(browser, "prompt-layer", prompt["layers"][layer])
    choose_option(browser, "prompt-head", prompt["heads"][head])
    name = f"layer {prompt['layers'][layer]}, head {prompt['heads'][head]}"
    label = browser.evaluate("document.getElementById('prompt-map').getAttribute('aria-label')")
    checks.expect(name in label, f"the chosen head is shown: {label!r}")
    checks.expect(browser.text("head-title").startswith(name.capitalize()), "its curves as well")
    written = browser.evaluate(
        "[...document.querySelectorAll('.token')].map(token => token.textContent)")
    checks.expect([text.replace("↵\n", "\n") for text in written] == prompt["tokens"],
                  "the text is that of the tokens")
    if prompt["maps"]:
        bytes_ = unpacked(prompt["maps"][layer])
        triangle = size * (size + 1) // 2
        checks.expect(len(bytes_) == triangle * len(prompt["heads"]), "maps are whole")
        window = prompt["windows"][layer]
        # The first position of the last query that sees it, and that query's own.
        query = size - 1 if window is None else min(size, window) - 1
        for key in (0, query):
            browser.mouse("mouseMoved", *prompt_point(browser, size, query, key))
            tip = browser.text("tip")
            value = (bytes_[head * triangle + query * (query + 1) // 2 + key] / 255) ** 2
            shown = number(tip.split("Attention ", 1)[-1])
            checks.expect(shown is not None and abs(shown - value) <= 0.06 * value,
                          f"attention under the pointer {shown}, not {value}")
            checks.expect(f"({query})" in tip and f"({key})" in tip, f"its tokens: {tip!r}")
        if window is not None and window < size:
            browser.mouse("mouseMoved", *prompt_point(browser, size, size - 1, 0))
            checks.expect("Not seen" in browser.text("tip"), "outside of the window")
        shares = ("[...document.querySelectorAll('.token')]"
                  ".map(token => token.style.getPropertyValue('--share'))")
        colors = {}
        for kind in ("received", "query", "norm"):
            choose_option(browser, "prompt-color", kind)
            colors[kind] = browser.evaluate(shares)
            checks.expect("62%" in colors[kind], f"text coloured by {kind}")
        checks.expect(colors["received"] != colors["norm"], "attention and norm differ")
        choose_option(browser, "prompt-color", "query")
        browser.click(*prompt_point(browser, size, query, 0))
        status = browser.text("prompt-cell")
        checks.expect(f"({query})" in status, f"click chooses the query: {status!r}")
        browser.evaluate("document.getElementById('prompt-map').focus()")
        browser.key("ArrowUp")
        browser.key("ArrowRight")
        status = browser.text("prompt-cell")
        checks.expect(f"({query - 1})" in status and "(1)" in status, f"arrow keys: {status!r}")
        browser.key("End")
        browser.key("ArrowLeft", shift=True)
        browser.key("ArrowUp", shift=True)
        status, place = browser.text("prompt-cell"), max(0, query - 11)
        checks.expect(f"({place}) · P" in status and f"({place}) · A" in status,
                      f"Shift makes ten steps of one: {status!r}")
        browser.click_element(".token:nth-child(3)")
        checks.expect("(2)" in browser.text("prompt-help"), "click on a word chooses its query")
    browser.click_element(".token:nth-child(2)")
    checks.expect("(1)" in browser.text("tip"), "a word under the pointer tells its numbers")


def check_speed(browser, checks, loads):
    load = min(loads)
    checks.expect(load < 1000, f"loading took {load:.0f} ms")
    times = [f"loaded in {load:.0f} ms"]
    for identifier in ("map", "prompt-map"):
        milliseconds = browser.evaluate(f"""(() => {{
          const target = document.getElementById("{identifier}");
          if (!target) return null;
          target.scrollIntoView();
          const box = target.getBoundingClientRect();
          const start = performance.now();
          for (let step = 0; step < 200; step++) {{
            target.dispatchEvent(new PointerEvent("pointermove", {{clientX: box.left + 40
              + step * (box.width - 60) / 200, clientY: box.top + 20 + step}}));
            target.getBoundingClientRect();
          }}
          return (performance.now() - start) / 200; }})()""")
        if milliseconds is not None:
            # A frame has 16 ms; slow test machines get some grace.
            checks.expect(milliseconds < 16, f"a move over {identifier} takes {milliseconds} ms")
            times.append(f"a move over {identifier} takes {milliseconds:.2f} ms")
    print("; ".join(times))


def set_slider(browser, identifier, value):
    browser.evaluate(f"""(() => {{ const slider = document.getElementById("{identifier}");
      slider.value = {value}; slider.dispatchEvent(new Event("input")); }})()""")


def layer_losses(packed, percent):
    """The mean loss of each layer at one compression, as it was packed."""
    words = unpacked(packed["bytes"])
    losses = []
    for layer, (low, high) in enumerate(zip(packed["low"], packed["high"])):
        at = 2 * (layer * packed["columns"] + percent)
        word = words[at] + 256 * words[at + 1]
        losses.append(None if word == 65535 else low + (high - low) * word / 65534)
    return losses


def check_slider(browser, checks, data):
    order, positions = data["skipping"]["order"], data["skipping"]["positions"]
    layers = data["layers"]
    count = layers // 2
    shown_by_percent = []
    for percent in (50, 80, 1):
        set_slider(browser, "skip-count", count)
        set_slider(browser, "skip-share", percent)
        losses = layer_losses(data["skipping"]["loss"], percent)
        kept = [losses[layer] for layer in order[count:] if losses[layer] is not None]
        if kept:
            shown, wanted = number(browser.text("skip-loss")), sum(kept) / len(kept)
            checks.expect(abs(shown - wanted) < 0.006 * wanted + 1e-5, f"loss {shown}, not {wanted}")
            shown_by_percent.append(shown)
        dropped = sum(positions[layer] for layer in order[count:]) * percent / 100
        share = 100 * (1 - dropped / sum(positions)) if sum(positions) else 100
        words = browser.text("skip-words")
        checks.expect(abs(number(words.split(";")[-1]) - share) <= 0.51, f"{share} % kept: {words!r}")
        named = browser.evaluate(
            "[...document.querySelectorAll('.skip-percent')].map(place => place.textContent)")
        checks.expect(named == [str(percent)] * 2, f"the compression is named: {named}")
    if len(shown_by_percent) == 3:
        checks.expect(shown_by_percent[2] < shown_by_percent[0] < shown_by_percent[1],
                      f"more compression, more loss: {shown_by_percent}")
    wanted = ",".join(str(layer) for layer in sorted(order[:count])) or "none"
    checks.expect(browser.text("skip-list") == wanted, f"skip list {browser.text('skip-list')!r}")
    for identifier, key, value, says in (
            ("skip-count", "ArrowRight", min(layers, count + 1), "layers skipped, mean attention loss"),
            ("skip-count", "Home", 0, f"0 of {layers} layers skipped"),
            ("skip-share", "ArrowRight", 2, "2 % compression, mean attention loss"),
            ("skip-share", "End", 99, "99 % compression")):
        browser.evaluate(f"document.getElementById('{identifier}').focus()")
        browser.key(key)
        found = browser.evaluate(f"document.getElementById('{identifier}').value")
        checks.expect(found == str(value), f"{key} sets {identifier} to {found}, not {value}")
        text = browser.evaluate(
            f"document.getElementById('{identifier}').getAttribute('aria-valuetext')")
        checks.expect(says in text, f"{identifier} says {text!r}")
    set_slider(browser, "skip-count", count)
    set_slider(browser, "skip-share", 50)
    if count:
        browser.click_element("#copy-slider")
        browser.evaluate("new Promise(done => setTimeout(done, 100))")
        status = browser.text("copy-status")
        checks.expect(status == f"Copied {wanted}", f"copy button: {status!r}")


def check_table(browser, checks):
    """A click on a title sorts by its column, a second one the other way round."""
    columns = browser.evaluate("document.querySelectorAll('#layer-table th').length")
    # From the last, so that the first, by which the rows are sorted at first, is not.
    for column in range(columns - 1, -1, -1):
        name = browser.evaluate(f"document.querySelectorAll('#layer-table th')[{column}].textContent")
        for direction in (1, -1):
            browser.click_element(f"#layer-table th:nth-child({column + 1}) button")
            values = browser.evaluate("[...document.querySelectorAll('#layer-table tbody tr')]"
                                      f".map(row => row.cells[{column}].dataset.value)")
            numbers = [float(value) for value in values if value != ""]
            checks.expect(numbers == sorted(numbers, reverse=direction < 0), f"sorted by {name}")
            checks.expect("" not in values[:len(numbers)], f"missing values come last by {name}")
            sort = browser.evaluate("[...document.querySelectorAll('#layer-table th')]"
                                    ".map(head => head.getAttribute('aria-sort'))")
            wanted = [None] * columns
            wanted[column] = "ascending" if direction > 0 else "descending"
            checks.expect(sort == wanted, f"aria-sort by {name}: {sort}")


FOCUSED = """(() => {
  const it = document.activeElement, style = getComputedStyle(it);
  const box = it.getBoundingClientRect();
  return {place: controls.indexOf(it), name: it.id || it.textContent.trim().slice(0, 30),
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight}; })()"""


def check_keyboard(browser, checks, data):
    """Tab reaches every control in its order; each is marked, in view, has a name and obeys keys."""
    # What scrolls under a resting pointer would hide the tip again.
    browser.mouse("mouseMoved", 1, 1)
    browser.evaluate("new Promise(done => setTimeout(done, 100))")
    count = browser.evaluate("""(() => {
      window.controls = [...document.querySelectorAll("button,select,input,summary,[tabindex='0']")]
        .filter(it => !it.disabled && it.getClientRects().length > 0);
      document.activeElement.blur();
      document.body.setAttribute("tabindex", "-1");
      document.body.focus();
      return controls.length; })()""")
    wanted = ["skip-count", "skip-share", "skip-chart"]
    # There is nothing to copy while no layer is skipped.
    if browser.evaluate("document.getElementById('skip-count').value !== '0'"):
        wanted.append("copy-slider")
    if data["layers"] and data["heads"]:
        wanted += ["map", "metric", "head-loss"]
    if data["prompt"]:
        wanted += ["prompt-layer", "prompt-head", "prompt-color", "prompt-text"]
        wanted += ["prompt-map"] if data["prompt"]["maps"] else []
    missing = browser.evaluate(
        f"{json.dumps(wanted)}.filter(id => !controls.includes(document.getElementById(id)))")
    checks.expect(not missing, f"out of the keyboard's reach: {missing}")
    for place in range(count):
        browser.key("Tab")
        found = browser.evaluate(FOCUSED)
        checks.expect(found["place"] == place, f"Tab {place + 1} reaches {found['name']!r}, "
                      f"control {found['place']} of {count}")
        checks.expect(found["isMarked"] and found["isSeen"], f"the focus is seen: {found}")
    for node in browser.send("Accessibility.getFullAXTree")["nodes"]:
        properties = {entry["name"]: entry["value"].get("value")
                      for entry in node.get("properties", [])}
        if properties.get("focusable") and node["role"]["value"] not in ("RootWebArea", "generic"):
            checks.expect(node.get("name", {}).get("value"),
                          f"a control has no name: {node['role']['value']}")
    live = browser.evaluate("""["map-status", "chart-status", "copy-status"].every(id =>
      document.getElementById(id).getAttribute("aria-live") === "polite")""")
    checks.expect(live, "what happens is announced")

    header = "document.querySelector('#layer-table th:nth-child(3)')"
    for key, wanted in (("Enter", "ascending"), ("Space", "descending")):
        browser.evaluate(f"{header}.querySelector('button').focus()")
        browser.key(key)
        sort = browser.evaluate(f"{header}.getAttribute('aria-sort')")
        checks.expect(sort == wanted, f"{key} on a column's title sorts {sort}")
    if not (data["layers"] and data["heads"]):
        return
    browser.evaluate("document.getElementById('metric').focus()")
    browser.key("ArrowDown")
    checks.expect(browser.text("legend-help").startswith(data["metrics"][1]["label"]),
                  f"arrow keys choose the measure: {browser.text('legend-help')!r}")
    choose_option(browser, "metric", 0)
    check_chart_keys(browser, checks, data)
    if data["prompt"]:
        size = len(data["prompt"]["tokens"])
        browser.evaluate("document.getElementById('prompt-text').focus()")
        for key, shift, place in (("Home", False, 0), ("ArrowRight", False, min(1, size - 1)),
                                  ("ArrowRight", True, min(11, size - 1)), ("End", False, size - 1),
                                  ("ArrowLeft", False, max(0, size - 2))):
            browser.key(key, shift)
            status = browser.text("prompt-cell")
            checks.expect(f"({place}) ·" in status, f"{key} chooses token {place}: {status!r}")


def check_chart_keys(browser, checks, data):
    browser.evaluate("""(() => { const map = document.getElementById("map"); map.focus(); })()""")
    browser.key("Home")
    for identifier in ("head-loss", "head-attention", "skip-chart"):
        if browser.evaluate(f"document.getElementById('{identifier}').getClientRects().length") == 0:
            continue
        if "no values" in browser.text(identifier):
            continue
        browser.evaluate(f"""(() => {{ const chart = document.getElementById("{identifier}");
          chart.scrollIntoView({{block: "center"}}); chart.focus(); }})()""")
        told = []
        for key in ("ArrowRight", "ArrowRight", "End", "Home"):
            browser.key(key)
            told.append(browser.text("chart-status"))
        points = min(3, data["layers"] + 1) if identifier == "skip-chart" else 3
        checks.expect(len(set(told[:3])) == points and told[3] == told[0],
                      f"arrow keys tell values of {identifier}: {told}")
        checks.expect(browser.text("tip").replace(" ", "")[:12] == told[3].replace(" ", "")[:12],
                      f"the tip tells the same: {browser.text('tip')!r}")
        checks.expect(browser.evaluate("!document.getElementById('tip').hidden"), "the tip is seen")
        for _ in range(10):
            browser.key("ArrowRight")
        tenth = browser.text("chart-status")
        browser.key("Home")
        browser.key("ArrowRight", shift=True)
        checks.expect(browser.text("chart-status") == tenth, f"Shift makes ten steps of one: {tenth}")
        browser.key("ArrowLeft", shift=True)
        checks.expect(browser.text("chart-status") == told[3], "and back")
        browser.key("Escape")
        checks.expect(browser.evaluate("document.getElementById('tip').hidden"), "Escape hides it")


def check_latency(browser, checks, data):
    """From a hand's move or click to the next picture, by the browser's own clock."""
    if not (data["layers"] and data["heads"]):
        return
    # The browser times no moves: theirs last until what the next frame shows is done.
    browser.evaluate("""(() => { window.latencies = [];
      new PerformanceObserver(list => { for (const {name, duration} of list.getEntries()) {
        if (["click", "keydown"].includes(name)) latencies.push([name, duration]); } })
        .observe({type: "event", durationThreshold: 16});
      document.addEventListener("pointermove", event => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () =>
          latencies.push(["move", performance.now() - event.timeStamp]);
        channel.port2.postMessage(null); }), true); })()""")
    steps = 24
    for step in range(steps):
        layer = step * data["layers"] // steps
        head = step * 7 % data["heads"]
        x, y = cell_center(browser, layer, head)
        browser.click(x, y)
    browser.evaluate("document.getElementById('map').focus()")
    for _ in range(steps):
        browser.key("ArrowUp")
    for identifier in ("head-attention", "prompt-map"):
        box = browser.evaluate(f"""(() => {{ const it = document.getElementById("{identifier}");
          if (!it || it.getClientRects().length === 0) return null;
          it.scrollIntoView({{block: "center"}}); const box = it.getBoundingClientRect();
          return [box.left, box.top, box.width, box.height]; }})()""")
        for step in range(steps if box else 0):
            browser.mouse("mouseMoved", box[0] + box[2] * (step + 0.5) / steps,
                          box[1] + box[3] * (0.6 + 0.01 * step))
    browser.evaluate("new Promise(done => setTimeout(done, 300))")
    found = browser.evaluate("latencies")
    told = []
    for name in ("move", "click", "keydown"):
        times = sorted(duration for kind, duration in found if kind == name)
        if not times:
            told.append(f"{name} below 16 ms")
            continue
        median = times[len(times) // 2]
        told.append(f"{name} {median:.0f} ms, at most {times[-1]:.0f}")
        # A hand feels more than 100 ms; a busy test machine may stall once.
        checks.expect(median <= 100, f"answers are slow: {told[-1]}")
    print("until the next picture:", "; ".join(told))


# Height of the smallest letters that are shown, and labels of axes that count layers or positions.
SMALLEST = """Math.min(...[...document.querySelectorAll(".chart text")].map(text =>
  text.getScreenCTM().a * parseFloat(getComputedStyle(text).fontSize)))"""
COUNTED = """["head-attention", "skip-chart"].flatMap(id =>
  [...document.querySelectorAll(`#${id} text[text-anchor=middle]:not(.axis-title)`)]
    .map(text => text.textContent))"""

# Charts with points between gaps, where a line alone shows nothing, that lack dots for them.
UNSEEN = """[...document.querySelectorAll("svg")].filter(svg =>
  [...svg.querySelectorAll("path[class^=line-]")].flatMap(line =>
    line.getAttribute("d").match(/M[^ML]+(?=M|$)/g) ?? []).length
    !== svg.querySelectorAll(".lone-point").length)
  .map(svg => svg.id)"""

# Of the table of layers in what it scrolls in; 0 where there is none.
HIDDEN = """(() => { const box = document.querySelector("#layer-table")?.parentElement;
  return box ? box.scrollWidth - box.clientWidth : 0; })()"""
BRIGHTNESS = "Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g))"


def check_layout(browser, checks, path, screenshots):
    for width, height, dark in ((1400, 900, False), (1400, 900, True), (390, 844, False),
                                (360, 780, True), (320, 640, False)):
        browser.open(path, width, height, dark)
        name = f"{width}-{'dark' if dark else 'light'}"
        overflow = browser.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        checks.expect(overflow <= 0, f"{name}: page is {overflow} pixels too wide")
        brightness = browser.evaluate(BRIGHTNESS)
        checks.expect(brightness < 40 if dark else brightness > 240,
                      f"{name}: a background of brightness {brightness}")
        hidden = browser.evaluate(HIDDEN)
        checks.expect(hidden <= 0, f"{name}: {hidden} pixels of the table of layers are cut off")
        smallest = browser.evaluate(SMALLEST)
        checks.expect(smallest >= 9, f"{name}: letters of {smallest} pixels in a chart")
        empty = browser.evaluate("document.getElementById('skip-chart').textContent")
        checks.expect(browser.text("skip-loss") == "–" or "no values" not in empty,
                      f"{name}: a loss of {browser.text('skip-loss')}, but no values in its chart")
        unseen = browser.evaluate(UNSEEN)
        checks.expect(not unseen, f"{name}: points that are not seen in {unseen}")
        counted = [text for text in browser.evaluate(COUNTED) if text != "no values"]
        checks.expect(all(text.isdigit() for text in counted), f"whole numbers count: {counted}")
        if screenshots:
            browser.screenshot(os.path.join(screenshots, f"{name}.png"))
    browser.open(path, 718, 1000, dark=True, media="print")
    brightness = browser.evaluate(BRIGHTNESS)
    checks.expect(brightness > 240, f"print: a background of brightness {brightness}")
    overflow = browser.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth")
    checks.expect(overflow <= 0, f"print: page is {overflow} pixels too wide")
    controls = browser.evaluate("""[...document.querySelectorAll("button,select,input,label")]
      .filter(it => it.getClientRects().length > 0).map(it => it.outerHTML)""")
    checks.expect(not controls, f"print: no controls on paper: {controls[:2]}")
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
        # The first opening warms the browser up, and others may be using the machine.
        loads = []
        for _ in range(3):
            browser.open(arguments.report, 1280, 900)
            loads.append(browser.evaluate(
                "performance.getEntriesByType('navigation')[0].duration"))
        data = json.loads(browser.text("report-data"))
        if data["layers"] and data["heads"]:
            check_map(browser, checks, data)
            check_missing(browser, checks, data)
            check_chart(browser, checks, data)
        check_prompt(browser, checks, data)
        check_speed(browser, checks, loads)
        check_latency(browser, checks, data)
        check_slider(browser, checks, data)
        check_table(browser, checks)
        check_keyboard(browser, checks, data)
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
