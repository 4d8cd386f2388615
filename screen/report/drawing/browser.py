"""Pages and pictures as PDF and PNG by a Chromium or Chrome that is installed; no browser is a dependency."""

import math
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from screen.errors import InputError, RunError
from screen.files import atomic_write

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SCREEN_DPI = 96
DRAW_SECONDS = 180
QUIET = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-pdf-header-footer",
)  # fmt: skip


def browser() -> str | None:
    """The browser named by HERSCREEN_BROWSER, else the first one found on the path, else None."""
    named = os.environ.get("HERSCREEN_BROWSER")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def print_page(text: str, path: Path) -> Path:
    """Print the page `text` to the PDF `path`; `InputError` when no browser is installed."""
    marked = text.replace("<html ", '<html data-printed="true" ', 1)
    return run_browser(marked, path, ["--virtual-time-budget=20000", "--window-size=1400,1000"])


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
    picture: str, path: Path, width_mm: float | None = None, dpi: float = SCREEN_DPI * 3
) -> Path:
    """One SVG picture as a PDF or PNG, as `path` ends: of its own size or `width_mm` wide, a PNG with `dpi`."""
    named = size_of(picture)
    factor = 1.0 if width_mm is None else width_mm / 25.4 * SCREEN_DPI / named["width"]
    width, height = (math.ceil(factor * named[side]) for side in ("width", "height"))
    if width_mm is not None:
        picture = at_width(picture, width_mm)
    style = f"@page{{size:{width}px {height}px;margin:0}}body{{margin:0}}svg{{display:block}}"
    page = f"<!doctype html><style>{style}</style>"
    shape = [
        f"--window-size={width},{height}",
        f"--force-device-scale-factor={dpi / SCREEN_DPI:g}",
        "--hide-scrollbars",
    ]
    return run_browser(page + picture, path, shape)


def run_browser(text: str, path: Path, options: list[str]) -> Path:
    """Open the page `text` and print it (.pdf) or take its picture (.png)."""
    command = browser()
    if command is None:
        raise InputError(f"{path}: a {path.suffix[1:]} needs Chromium or Chrome installed, found none")
    action = "--print-to-pdf" if path.suffix.lower() == ".pdf" else "--screenshot"
    with tempfile.TemporaryDirectory(prefix="herscreen-") as folder, atomic_write(path) as temporary:
        page, drawn = Path(folder) / "page.html", Path(folder) / f"drawn{path.suffix}"
        page.write_text(text, encoding="utf-8")
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        places = [f"--user-data-dir={folder}/profile", f"{action}={drawn}", page.as_uri()]
        line = [command, *QUIET, *root, *options, *places]
        try:
            done = subprocess.run(line, capture_output=True, text=True, timeout=DRAW_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise RunError(f"{command} did not draw the page within {DRAW_SECONDS} s") from None
        if done.returncode or not drawn.exists() or not drawn.stat().st_size:
            raise RuntimeError(f"{command} could not draw the page: {done.stderr.strip()[-400:]}")
        shutil.copyfile(drawn, temporary)
    return path
