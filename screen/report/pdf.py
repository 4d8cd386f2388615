"""The page as a PDF, printed by a Chromium or Chrome that is installed; no browser is a dependency."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from screen.errors import InputError
from screen.report.files import whole

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-pdf-header-footer", "--virtual-time-budget=20000",
)  # fmt: skip


def browser() -> str | None:
    """The browser named by HERSCREEN_BROWSER, else the first one found on the path, else None."""
    named = os.environ.get("HERSCREEN_BROWSER")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def print_page(text: str, path: Path) -> Path:
    """Print the page `text` to the PDF `path`; `InputError` when no browser is installed."""
    command = browser()
    if command is None:
        raise InputError(f"{path}: a PDF needs Chromium or Chrome installed, found none; write .html instead")
    with tempfile.TemporaryDirectory(prefix="herscreen-") as folder, whole(path) as temporary:
        page = Path(folder) / "report.html"
        page.write_text(text, encoding="utf-8")
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        places = (f"--user-data-dir={folder}/profile", f"--print-to-pdf={temporary}", page.as_uri())
        command_line = [command, *QUIET, *root, *places]
        done = subprocess.run(command_line, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode or temporary.stat().st_size < 1000:
            raise RuntimeError(f"{command} could not print the page: {done.stderr.strip()[-400:]}")
    return path
