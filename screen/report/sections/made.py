"""The section on how the cube was made: provenance, solver statuses, citations, and how to read the scores."""

from datetime import UTC, datetime

from screen._version import __version__
from screen.cube.status import CODES, ENDED, NOT_SIMULATED
from screen.report.cube_view.number_text import dose_text
from screen.report.cube_view.provenance import as_rows
from screen.report.cube_view.view import CubeView
from screen.report.findings.checks import simulations_by_status
from screen.report.findings.findings import Findings
from screen.report.findings.references import LABELS, used
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content:
    view = findings.view
    short, long = as_rows({**view.provenance, "counts": counts_of(view)})
    if view.peak_nM:
        short.append(("Cmax", ", ".join(f"{drug} {dose_text(peak)}" for drug, peak in view.peak_nM.items())))
    return Content(
        lead=(
            "All responses come from simulating a model of the pathway; nothing on this page was "
            f"measured in a laboratory. Page written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by herscreen {__version__}."
        ),
        values={
            "short": short,
            "long": long,
            "statuses": statuses_of(view),
            "citations": [
                (LABELS.get(item.key, item.key), item.line, item.get("doi")) for item in used(view)
            ],
        },
    )


def counts_of(view: CubeView) -> dict[str, int]:
    """What the solver did for the simulations that the page counts elsewhere."""
    counts = view.provenance.get("counts")
    if not isinstance(counts, dict):
        return {}
    named = {"wells_simulated": "distinct wells solved", "steps": "solver steps"}
    return {words: counts[name] for name, words in named.items() if name in counts}


def made_words(view: CubeView, cube: str) -> list[str]:
    """How the numbers were made, in two sentences."""
    rows, columns = view.status.shape[2:]
    provenance, solver = view.provenance, view.provenance.get("solver")
    doses = (
        f"{counted(len(view.lines), 'line')} × {counted(len(view.combinations), 'combination')} × "
        f"{rows} × {columns} doses"
    )
    if (view.status == NOT_SIMULATED).any():
        doses += f", of which the design simulates {simulations_by_status(view).sum():,} wells"
    drawn = view.ensemble
    draws = f" × (nominal parameters and {drawn.draws} parameter sets)" if drawn.draws else ""
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


def counted(many: int, what: str) -> str:
    """`1 line`, `1,000 lines`."""
    return f"{many:,} {what}" + "s" * (many != 1)


def statuses_of(view: CubeView) -> list[tuple[str, str, str, str]]:
    """(name, count, share, remedy) for every solver status of the cube."""
    counts = [*simulations_by_status(view).tolist(), int((view.status == NOT_SIMULATED).sum())]
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


SECTION = Section(id="made", heading="How it was made", order=120, make=make, template="made.html.j2")
