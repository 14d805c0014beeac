"""Opens the page of an evaluation in headless Chromium: layout, figures, and its table sorted.

    python3 Tests/Report/check_evaluation.py FOLDER/report.html [--screenshots DIR]

Exits 0 when all checks hold; prints each that does not.
"""

import argparse
import os

from check_report import Checks
from chromium import Browser

# The keys of a column from the first row to the last, None for what has no value.
KEYS = """[...document.querySelector("table.scores").tBodies[0].rows].map(row => {{
  const text = row.cells[{column}].dataset.value;
  return text === "" ? null : Number(text); }})"""


def in_order(values, descending):
    present = [value for value in values if value is not None]
    missing_last = all(value is None for value in values[len(present):])
    return missing_last and present == sorted(present, reverse=descending)


def check_table(browser, checks):
    # The first table can be sorted; one of comparisons may follow it.
    columns = browser.evaluate(
        "document.querySelector('table.scores').querySelectorAll('thead th').length")
    checks.expect(columns >= 3, f"{columns} columns")
    for column in reversed(range(columns)):
        title = f"table.scores thead th:nth-child({column + 1})"
        for descending in (False, True):
            browser.evaluate(f"document.querySelector('{title} button').click()")
            keys = browser.evaluate(KEYS.format(column=column))
            checks.expect(in_order(keys, descending), f"column {column}: {keys[:8]}")
            said = browser.evaluate(f"document.querySelector('{title}').getAttribute('aria-sort')")
            checks.expect(said == ("descending" if descending else "ascending"), f"says {said}")
    marked = browser.evaluate("document.querySelectorAll('th[aria-sort]').length")
    checks.expect(marked == 1, f"{marked} columns say that they are sorted by")


def check_layout(browser, checks, path, screenshots):
    for width, dark in ((1280, False), (1280, True), (800, False), (390, False), (320, True)):
        browser.open(path, width, 900, dark=dark)
        overflow = browser.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        checks.expect(overflow <= 0, f"{width}: page is {overflow} pixels too wide")
        # A scene says its own sizes and colours; the page's must not undo them.
        sizes = browser.evaluate("""[...document.querySelectorAll("#figures text")].every(text =>
          parseFloat(getComputedStyle(text).fontSize) === Number(text.getAttribute("font-size")))""")
        checks.expect(sizes, f"{width}: text of the figures has its size")
        if screenshots:
            browser.screenshot(os.path.join(screenshots, f"{width}{'-dark' if dark else ''}.png"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("report")
    parser.add_argument("--screenshots")
    parser.add_argument("--chromium")
    arguments = parser.parse_args()
    if arguments.screenshots:
        os.makedirs(arguments.screenshots, exist_ok=True)
    checks = Checks()
    browser = Browser(arguments.chromium)
    try:
        browser.open(arguments.report, 1280, 900)
        figures = browser.evaluate("document.querySelectorAll('#figures svg').length")
        checks.expect(figures >= 1, "there are figures")
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
