"""Pages and pictures as PDF and PNG by a Chromium or Chrome that is installed; no browser is a dependency.

One browser draws any number of them: it is started once and told what to do over a pair of pipes, in the DevTools
protocol (https://chromedevtools.github.io/devtools-protocol), one JSON message after another, each ended by a zero.
"""

import base64
import fcntl
import json
import math
import os
import re
import select
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screen.errors import InputError, RunError
from screen.files import atomic_write

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SCREEN_DPI = 96
MADE_BY = "herscreen"
"""What a picture's file says of where it is from: the title of a PDF, `Software` of a PNG."""
DRAW_SECONDS = 180
SHRUNK = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)
"""Sizes that are tried until a PDF is one sheet."""
SHEET = re.compile(rb"/Type\s*/Page\b")
QUIET = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
READY = """new Promise((done) => {
  const drawn = () =>
    document.readyState === "complete" &&
    (!document.querySelector("script:not([type])") || document.documentElement.dataset.ready === "true");
  const look = () => (drawn() ? document.fonts.ready.then(() => done(true)) : setTimeout(look, 20));
  look();
})"""
"""What a page answers when its script, if it has one, has drawn all there is."""


@dataclass(frozen=True)
class Window:
    """Of a page that is drawn: pixels, how many dots a pixel of a PNG has, and whether a PDF is to be one sheet."""

    width: int = 1400
    height: int = 1000
    scale: float = 1.0
    one_sheet: bool = False


Draw = Callable[[str, Path, Window], Path]
"""Draws a page (its text) into a file, .pdf or .png; the file."""


def browser() -> str | None:
    """The browser named by HERSCREEN_BROWSER, else the first one found on the path, else None."""
    named = os.environ.get("HERSCREEN_BROWSER")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def print_page(text: str, path: Path, one_sheet: bool = False) -> Path:
    """Print the page `text` to the PDF `path`, made smaller until it is `one_sheet` where that is asked; `InputError`
    when no browser is installed.
    """
    with opened_browser(path) as draw:
        printed = text.replace("<html ", '<html data-printed="true" ', 1)
        return draw(printed, path, Window(one_sheet=one_sheet))


def at_width(picture: str, width_mm: float) -> str:
    """The SVG picture with a width in mm, its height in proportion; what is drawn in it grows or shrinks with it."""
    named, end = size_of(picture), picture.index(">")
    head = re.sub(r' width="[\d.]+"', f' width="{width_mm:g}mm"', picture[:end])
    height = width_mm * named["height"] / named["width"]
    return re.sub(r' height="[\d.]+"', f' height="{height:.2f}mm"', head) + picture[end:]


def size_of(picture: str) -> dict[str, float]:
    """Width and height of an SVG picture in pixels."""
    named = re.findall(r' (width|height)="([\d.]+)"', picture[: picture.index(">")])
    return {side: float(value) for side, value in named}


def draw_picture(
    picture: str, path: Path, draw: Draw, width_mm: float | None = None, dpi: float = SCREEN_DPI * 3
) -> Path:
    """One SVG picture as a PDF or PNG, as `path` ends: of its own size or `width_mm` wide, a PNG with `dpi`."""
    named = size_of(picture)
    factor = 1.0 if width_mm is None else width_mm / 25.4 * SCREEN_DPI / named["width"]
    width, height = (math.ceil(factor * named[side]) for side in ("width", "height"))
    if width_mm is not None:
        picture = at_width(picture, width_mm)
    style = f"@page{{size:{width}px {height}px;margin:0}}body{{margin:0}}svg{{display:block}}"
    page = f'<!doctype html><meta charset="utf-8"><title>{MADE_BY}</title><style>{style}</style>'
    return draw(page + picture, path, Window(width, height, dpi / SCREEN_DPI))


def signed_png(picture: bytes, dpi: float = SCREEN_DPI) -> bytes:
    """The PNG with its resolution (`pHYs`, dots a metre) and a text that names its maker, behind its header (8 bytes of
    signature, 25 of `IHDR`)."""
    dots = round(dpi / 0.0254)
    chunks = (b"pHYs" + struct.pack(">IIB", dots, dots, 1), b"tEXtSoftware\0" + MADE_BY.encode())
    framed = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks]
    return picture[:33] + b"".join(framed) + picture[33:]


@contextmanager
def opened_browser(wanted: Path) -> Iterator[Draw]:
    """What draws pages, in one browser that is gone afterwards. `InputError` naming the `wanted` file without one."""
    command = browser()
    if command is None:
        raise InputError(f"{wanted}: a {wanted.suffix[1:]} needs Chromium or Chrome installed, found none")
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="herscreen-", ignore_cleanup_errors=True) as folder:
        line = [command, *QUIET, *root, f"--user-data-dir={folder}/profile", "about:blank"]
        read_ours, write_its = os.pipe()
        read_its, write_ours = os.pipe()
        its = tuple(os.dup(end) for end in (read_its, write_its))
        running = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=lambda: _as_three_and_four(*its),
        )
        for end in (read_its, write_its, *its):
            os.close(end)
        try:
            yield _drawing(_Talk(read_ours, write_ours, command), Path(folder))
        finally:
            for end in (read_ours, write_ours):
                os.close(end)
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _as_three_and_four(reads: int, writes: int) -> None:
    """In the child: the ends of its pipes where Chromium looks for them; both are copied out of the way first."""
    reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (reads, writes))
    os.dup2(reads, 3)
    os.dup2(writes, 4)


def _drawing(talk: "_Talk", folder: Path) -> Draw:
    """Draws in one tab of the browser that `talk` speaks with; pages stand in `folder` while they are drawn."""
    target = talk.ask("Target.createTarget", url="about:blank")["targetId"]
    tab = talk.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def draw(text: str, path: Path, window: Window) -> Path:
        page = folder / "page.html"
        page.write_text(text, encoding="utf-8")
        metrics = {"width": window.width, "height": window.height, "deviceScaleFactor": window.scale}
        talk.ask("Emulation.setDeviceMetricsOverride", tab, **metrics, mobile=False)
        talk.ask("Page.navigate", tab, url=page.as_uri())
        talk.ask("Runtime.evaluate", tab, expression=READY, awaitPromise=True)
        if path.suffix.lower() == ".pdf":
            for scale in SHRUNK if window.one_sheet else SHRUNK[:1]:
                found = talk.ask(
                    "Page.printToPDF", tab, printBackground=True, preferCSSPageSize=True, scale=scale
                )
                if len(SHEET.findall(base64.b64decode(found["data"]))) == 1:
                    break
        else:
            found = talk.ask("Page.captureScreenshot", tab, format="png")
        drawn = base64.b64decode(found["data"])
        with atomic_write(path) as temporary:
            is_png = path.suffix.lower() == ".png"
            temporary.write_bytes(signed_png(drawn, window.scale * SCREEN_DPI) if is_png else drawn)
        return path

    return draw


class _Talk:
    """A conversation with a browser: questions have numbers, and answers carry them among other messages."""

    def __init__(self, reads: int, writes: int, command: str) -> None:
        self._reads, self._writes, self._command = reads, writes, command
        self._number, self._rest = 0, b""

    def ask(self, method: str, tab: str | None = None, **parameters: Any) -> dict[str, Any]:
        """What the browser answers; `RunError` when it does not, or cannot."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if tab is not None:
            message["sessionId"] = tab
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._writes, data) :]
        except OSError:
            raise RunError(f"{self._command} ended before it drew the page") from None
        until = time.monotonic() + DRAW_SECONDS
        while True:
            heard = self._next(until)
            if heard.get("id") == self._number:
                if "error" in heard:
                    raise RunError(
                        f"{self._command} could not draw the page: {heard['error'].get('message')}"
                    )
                return dict(heard["result"])

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._reads], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise RunError(f"{self._command} did not draw the page within {DRAW_SECONDS} s")
            part = os.read(self._reads, 1 << 20)
            if not part:
                raise RunError(f"{self._command} ended before it drew the page")
            self._rest += part
        one, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(one))
