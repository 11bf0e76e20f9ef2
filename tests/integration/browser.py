"""Chromium without a window, by its DevTools protocol over a pipe: pages, and what they asked for.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import attrs

Message = dict[str, Any]
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60


@attrs.define
class Page:
    """One open tab. What it complained about and asked for is kept."""

    chromium: "Chromium"
    session: str
    complaints: list[str] = attrs.field(factory=list)
    requests: list[str] = attrs.field(factory=list)

    def asks(self, method: str, **params: Any) -> Message:
        return self.chromium.asks(method, self, **params)

    def opens(self, address: str) -> "Page":
        """Loads a page to its end."""
        self.asks("Page.navigate", url=address)
        self.chromium.waits("Page.loadEventFired", self)
        return self

    def looks(self, width: int, *, dark: bool = False, media: str = "screen") -> "Page":
        """A screen of that width, in pixels, in a light or a dark room."""
        self.asks("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                  mobile=width < 600)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.asks("Emulation.setEmulatedMedia", media=media, features=[scheme])
        return self

    def says(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.asks(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def presses(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.asks(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code
            )

    def shoots(self, file: Path) -> Path:
        """A picture of all of it."""
        shot = self.asks("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))
        return file


@attrs.define
class Chromium:
    """A running browser."""

    to: BinaryIO
    back: BinaryIO
    heard: list[Message] = attrs.field(factory=list)
    pages: dict[str, Page] = attrs.field(factory=dict)
    last: int = 0

    def page(self) -> Page:
        """A new tab, in which nothing may run."""
        target = self.asks("Target.createTarget", url="about:blank")["targetId"]
        session = self.asks("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Network", "Log", "Runtime"):
            page.asks(f"{domain}.enable")
        return page

    def asks(self, method: str, page: Page | None = None, **params: Any) -> Message:
        """The answer to one command."""
        self.last += 1
        asked: Message = {"id": self.last, "method": method, "params": params}
        if page:
            asked["sessionId"] = page.session
        self.to.write(json.dumps(asked).encode() + b"\0")
        self.to.flush()
        while (answer := self._hears()).get("id") != self.last:
            self._notes(answer)
        assert "error" not in answer, (method, answer["error"])
        result: Message = answer["result"]
        return result

    def waits(self, event: str, page: Page) -> None:
        """Until a page has said so since this was last asked."""
        wanted = (event, page.session)
        while wanted not in [(one.get("method"), one.get("sessionId")) for one in self.heard]:
            self._notes(self._hears())
        self.heard = [one for one in self.heard if one.get("sessionId") != page.session]

    def _hears(self) -> Message:
        data = bytearray()
        while (letter := self.back.read(1)) != b"\0":
            assert letter, "chromium has gone"
            data += letter
        message: Message = json.loads(data)
        return message

    def _notes(self, event: Message) -> None:
        self.heard.append(event)
        page = self.pages.get(event.get("sessionId", ""))
        if page is None:
            return
        said = event.get("params", {})
        match event.get("method"):
            case "Log.entryAdded":
                page.complaints.append(f"{said['entry']['level']}: {said['entry']['text']}")
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                page.complaints.append(json.dumps(said))
            case "Network.requestWillBeSent":
                page.requests.append(said["request"]["url"])


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """A browser with a new profile in `folder`; it ends with the block."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    assert program, "these tests need Chromium: apt-get install chromium"
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
        "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank",
    ]  # fmt: skip
    (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()

    def wire() -> None:
        """The protocol is spoken on descriptors 3 and 4."""
        first, second = os.dup(their_in), os.dup(their_out)
        high = [os.dup2(first, 103), os.dup2(second, 104)]
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    process = subprocess.Popen(
        command,
        preexec_fn=wire,  # noqa: PLW1509 - no thread of ours holds a lock here
        pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.close(their_in)
    os.close(their_out)
    with os.fdopen(our_out, "wb") as to, os.fdopen(our_in, "rb") as back:
        browser = Chromium(to, back)
        try:
            yield browser
        finally:
            try:
                browser.asks("Browser.close")
            except (AssertionError, OSError):
                process.terminate()
            end = time.monotonic() + _SECONDS
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            process.kill()
            process.wait()
