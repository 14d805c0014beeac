"""A headless Chromium spoken to over its debugging pipe; needs nothing beyond Python.

    python3 Tests/Report/chromium.py

Prints the path of a browser that opens pages; exits 69 where there is none.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

# One of these may be a stub that only says how to get the browser.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Longer than anything that is asked of a page, shorter than a person waits for a hung browser.
PATIENCE = 60


def find():
    """The first browser of this machine that opens a page; `None` where there is none."""
    for path in filter(None, map(shutil.which, NAMES)):
        with tempfile.TemporaryDirectory(prefix="report-check-") as folder:
            page = os.path.join(folder, "page.html")
            with open(page, "w", encoding="utf-8") as file:
                file.write("<title>page</title><p id=\"p\">open</p>")
            try:
                browser = Browser(path)
                try:
                    browser.open(page, 400, 300)
                    if browser.text("p") == "open":
                        return path
                finally:
                    browser.close()
            except (OSError, EOFError, TimeoutError, RuntimeError) as error:
                print(f"{path} opens no page: {error or type(error).__name__}", file=sys.stderr)
    return None


class Browser:
    """One page. Console errors, exceptions and requests are collected as they come."""

    def __init__(self, executable=None):
        executable = executable or find()
        if executable is None:
            raise SystemExit("no chromium found; name one with --chromium")
        self.profile = tempfile.mkdtemp(prefix="report-check-")
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()

        def place_pipes():
            # Chromium reads commands from descriptor 3 and answers on 4.
            read_end, write_end = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read_end, 3)
            os.dup2(write_end, 4)
            os.set_inheritable(3, True)
            os.set_inheritable(4, True)

        self.process = subprocess.Popen(
            [executable, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "--no-first-run",
             "--disable-background-networking", "about:blank"],
            preexec_fn=place_pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.problems = []
        self.requests = []
        try:
            self.attach()
        except BaseException:
            self.close()
            raise

    def attach(self):
        target = next(
            entry for entry in self.send("Target.getTargets")["targetInfos"]
            if entry["type"] == "page")
        self.session = self.send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self):
        try:
            self.session = None
            self.send("Browser.close")
            self.process.wait(timeout=20)
        except (EOFError, OSError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(timeout=20)
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self):
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.buffer:
            if not select.select([self.input], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.input, 1 << 16)
            if not piece:
                raise EOFError("the browser has gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(params["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.problems.append(json.dumps(params["args"])[:600])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(json.dumps(params["entry"])[:600])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def wait_for(self, method):
        while True:
            message = self.read()
            self.note(message)
            if message.get("method") == method:
                return

    def open(self, path, width, height, dark=False, media=""):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.send("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait_for("Page.loadEventFired")
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")

    def evaluate(self, expression):
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {json.dumps(answer['exceptionDetails'])[:400]}")
        return answer["result"].get("value")

    def text(self, identifier):
        return self.evaluate(f"document.getElementById('{identifier}').textContent")

    def mouse(self, kind, x, y, **more):
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y):
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def click_element(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)})"
                      ".scrollIntoView({block: 'center'})")
        box = self.evaluate(
            f"(() => {{ const b = document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()")
        self.click(*box)

    def key(self, name, shift=False):
        codes = {"ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "Home": 36,
                 "End": 35, "PageUp": 33, "PageDown": 34, "Tab": 9, "Enter": 13, "Escape": 27,
                 "Space": 32}
        texts = {"Enter": "\r", "Space": " "}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, code=name, modifiers=8 if shift else 0,
                      key=" " if name == "Space" else name, windowsVirtualKeyCode=codes[name],
                      **({"text": texts[name]} if kind == "keyDown" and name in texts else {}))

    def screenshot(self, path, full=True):
        data = self.send("Page.captureScreenshot", captureBeyondViewport=full)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = self.send("Page.printToPDF", printBackground=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


if __name__ == "__main__":
    found = find()
    if found is None:
        raise SystemExit(69)
    print(found)
