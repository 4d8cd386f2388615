"""The page: data, style, script and words joined into one file that needs nothing else.

The script and the style are the files of `page/`, admitted by their hashes in the page's content security
policy; nothing else may run or load. Names from a cube enter through autoescape or as JSON, never as markup.
"""

import base64
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import screen as herscreen
from screen.cube.status import BY_REFERENCE, CODES, ENDED, FAILED, NOT_SIMULATED
from screen.errors import InputError
from screen.files import checked, write_text
from screen.report.cube_view.number_text import dose_text, points, read_at
from screen.report.cube_view.provenance import as_rows
from screen.report.cube_view.reading import read_screen
from screen.report.cube_view.view import CubeView
from screen.report.drawing.browser import print_page
from screen.report.figures.overview import overview_picture
from screen.report.findings.answer import answer_of
from screen.report.findings.certainty import how_sure
from screen.report.findings.markers import associations_of, sentences, tree_words
from screen.report.findings.references import LABELS, used
from screen.report.findings.resensitisation import Rescue, rescue_of
from screen.report.findings.why import sentence, strongest, whys_of
from screen.report.page.payload import payload_of, safe_json
from screen.report.page.script import asset, script
from screen.report.page.stamp import stamp_of
from screen.report.sections.registry import sections_of

if TYPE_CHECKING:
    import xarray as xr

PAGE_ITSELF = 300_000
HALF_WIDTH = 580
"""Pixels inside a figure that is half as wide as the page."""


def write_page(
    cube: "str | Path | xr.DataTree",
    scores: "xr.Dataset | xr.DataTree | None",
    path: Path,
    limit_MB: float,
    explain: int = 0,
) -> Path:
    """Write the page of `cube` to `path`, whole or not at all."""
    checked(path, (".html", ".htm", ".pdf"))
    own = scores is None and isinstance(cube, str | Path) and Path(cube).is_file()
    stamp = stamp_of(Path(str(cube)), limit_MB, explain) if own else ""
    path_of_cube = file_of(cube) if explain or isinstance(cube, str | Path) else None
    text = render(read_screen(cube, scores), limit_MB, stamp, path_of_cube, explain)
    if path.suffix.lower() == ".pdf":
        return print_page(text, path)
    return write_text(checked(path, (".html", ".htm")), text)


def file_of(cube: "str | Path | xr.DataTree") -> Path:
    """The cube's file; `InputError` where the cube is a tree in memory."""
    if isinstance(cube, str | Path):
        return Path(cube)
    raise InputError("explain: the counterfactuals need the cube as a file, found a tree in memory")


def render(
    screen: CubeView, limit_MB: float = 6.0, stamp: str = "", path: Path | None = None, explain: int = 0
) -> str:
    """The whole page as text; `explain` pairs are explained from the cube's file, which is at `path`."""
    import jinja2
    from markupsafe import Markup

    rescue = rescue_of(screen)
    foretold = associations_of(screen, rescue)
    whys, unexplained = whys_of(path, screen, rescue, explain) if path is not None and explain else ((), "")
    data, notes = payload_of(screen, rescue, limit_MB * 1e6 - PAGE_ITSELF, foretold, whys)
    data["cube"] = cube = path.name if path is not None else f"{screen.title}.h5"
    answer = answer_of(screen, rescue)
    style, code = asset("style.css"), script()
    short, long = as_rows(screen.provenance)
    if screen.peak_nM:
        peaks = ", ".join(f"{drug} {dose_text(peak)}" for drug, peak in screen.peak_nM.items())
        short.append(("attainable peaks", peaks))
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.tests["wide"] = is_wide
    template = environment.from_string(asset("page.html.j2"))
    return template.render(
        stamp=stamp,
        screen=screen,
        sections=sections_of(screen.cube) if screen.cube is not None else (),
        data=Markup(safe_json(data)),
        style=Markup(style),
        script=Markup(code),
        policy=policy(style, code),
        answer=answer,
        strongest=strongest_words(screen, rescue),
        sure=how_sure(screen, rescue, answer),
        made_by=made_words(screen, cube),
        notes=notes,
        whys=[(why, sentence(why, whole=False), points(why.whole.excess)) for why in whys],
        unexplained=unexplained or data["why_not"].get("all", ""),
        foretold=sentences(screen, foretold),
        tree=tree_words(screen, rescue),
        checks=checks_of(screen),
        short=short,
        long=long,
        citations=[(LABELS.get(item.key, item.key), item.line, item.get("doi")) for item in used(screen)],
        picture=Markup(overview_picture(screen, rescue)),
        size=size_of(screen),
        statuses=statuses_of(screen),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        version=herscreen.__version__,
    )


def is_wide(picture: str) -> bool:
    """Whether a picture, as `screen.report.drawing.svg` writes it, needs more than half the width of the page."""
    size = re.search(r'viewBox="0 0 (\d+)', picture)
    return size is not None and int(size[1]) > HALF_WIDTH


def policy(style: str, script: str) -> str:
    """The content security policy that admits this style and this script alone, and no request at all."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def strongest_words(screen: CubeView, rescue: Rescue) -> str:
    """The strongest synergy in a resistant line, in a sentence; empty without scores."""
    model, best = screen.main_model, strongest(screen, rescue, 1)
    if model is None or not best:
        return ""
    (row, column) = best[0]
    score = points(float(model.mean[row, column, -1]))
    where = " in a resistant line" if rescue.resistant[row] and not rescue.her2_low[row] else ""
    pair = f"{screen.partners[column]} in {screen.lines[row]}"
    return f"The strongest synergy{where}: {pair}, mean {model.label} excess {score} percent points."


def made_words(screen: CubeView, cube: str) -> list[str]:
    """How the numbers were made, in two sentences."""
    rows, columns = screen.status.shape[2:]
    provenance, solver = screen.provenance, screen.provenance.get("solver")
    doses = (
        f"{len(screen.lines):,} lines × {len(screen.combinations):,} combinations × {rows} × {columns} doses"
    )
    drawn = screen.ensemble
    beside = "nominal parameters and " if drawn.nominal else ""
    draws = f" × ({beside}{drawn.draws} parameter draws)" if drawn.draws else ""
    model = str(provenance.get("model_sha256", ""))[:8]
    named = f"the model with SHA-256 {model}…" if model else "a model that the cube does not name"
    rtol = f" at rtol {solver['rtol']:g}" if isinstance(solver, dict) and "rtol" in solver else ""
    when = str(provenance.get("started", ""))[:10]
    versions = provenance.get("versions")
    made = versions.get("herscreen", "") if isinstance(versions, dict) else ""
    return [
        f"Simulated, not measured: {doses}{draws}, with {named}, solved{rtol}"
        f"{f' on {when}' if when else ''}{f' by herscreen {made}' if made else ''}, "
        f"seed {provenance.get('seed', 'not stated')}.",
        "The cube holds the configuration and the model; "
        f"herscreen verify {cube} recomputes random points from it alone.",
    ]


def checks_of(screen: CubeView) -> list[tuple[str, str]]:
    """(state, sentence) for the banner; state is `good`, `warn` or `bad`."""
    total, failed = int((screen.status != NOT_SIMULATED).sum()), int((screen.status == FAILED).sum())
    reference = int((screen.status == BY_REFERENCE).sum())
    found = [] if screen.controls else [("good", f"All {total:,} simulations were solved.")]
    if failed:
        words = "their cells are grey and no score is computed through them"
        found = [
            (
                "bad" if failed > 0.01 * total else "warn",
                f"{failed:,} of {total:,} simulations failed; {words}.",
            )
        ]
    if reference:
        many = "simulation" if reference == 1 else "simulations"
        found.append(
            ("good", f"{reference:,} {many} needed the reference solver, after the fast solver gave up.")
        )
    found += [("good" if passed else "bad", _control(passed, words)) for passed, words in screen.controls]
    if not screen.models:
        found.append(("warn", "The cube holds no synergy scores: run herscreen score on it."))
    return sorted(found, key=lambda check: check[0] != "bad")


def _control(passed: bool, sentence: str) -> str:
    return sentence if passed else f"A control failed, do not rely on this page: {sentence}"


def statuses_of(screen: CubeView) -> list[tuple[str, str, str, str]]:
    """(name, count, share, remedy) for every solver status of the cube."""
    counts = np.bincount(screen.status.ravel(), minlength=len(CODES)).tolist()
    total = max(1, sum(counts[code.code] for code in ENDED))
    return [
        (
            code.words,
            f"{counts[code.code]:,}",
            f"{100 * counts[code.code] / total:.2f} %" if code in ENDED else "",
            code.remedy,
        )
        for code in CODES
        if code in ENDED or counts[code.code]
    ]


def size_of(screen: CubeView) -> list[tuple[str, str]]:
    """The screen in a few numbers."""
    rows, columns = screen.status.shape[2:]
    drawn = screen.ensemble
    many = int((screen.status != NOT_SIMULATED).sum()) * max(drawn.draws + drawn.nominal, 1)
    return [
        (f"{len(screen.lines):,}", "cell lines" if len(screen.lines) != 1 else "cell line"),
        (f"{len(screen.combinations):,}", "combinations" if len(screen.combinations) != 1 else "combination"),
        (f"{rows} × {columns}", "doses"),
        (f"{many:,}", "simulations"),
        (read_at(list(screen.times_h[-3:])), "read at"),
    ]
