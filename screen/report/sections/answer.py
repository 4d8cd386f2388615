"""The first section: the answer to the screen's question, and in short how confident, why, which marker and how."""

from screen.report.cube_view.view import CubeView
from screen.report.findings.answer import LineAnswer
from screen.report.findings.certainty import confidence_words
from screen.report.findings.checks import checks_of
from screen.report.findings.findings import Findings
from screen.report.findings.markers import sentences
from screen.report.findings.skill import calibration_sentences, line_words, skill_sentences, verdict
from screen.report.findings.why import sentence
from screen.report.sections.made import made_words
from screen.report.sections.section import Content, Section


def make(findings: Findings) -> Content:
    view, (whys, unexplained) = findings.view, findings.explained
    checks, answer = checks_of(view), findings.answer
    return Content(
        data={
            "rows": [view.lines.index(item.line) for item in answer.lines],
            "partners": [view.partners.index(item.name) for item in answer.partners],
        },
        values={
            "anchor": anchor_name(view),
            "answer": findings.answer,
            "skill": skill_sentences(view),
            "trust": {item.line: trust_words(view, item) for item in findings.answer.lines},
            "failed": [words for state, words in checks if state == "bad"],
            "checks": [(state, words) for state, words in checks if state != "bad"],
            "confidence": [
                *confidence_words(view, findings.recovery, findings.answer),
                *calibration_sentences(view),
            ],
            "why": [sentence(why, whole=False) for why in whys[:2]] or [not_explained(unexplained)],
            "explained": bool(whys),
            "ranked": bool(findings.associations),
            "predictors": sentences(view, findings.recovery, findings.associations)[:4],
            "made": made_words(view, findings.file.name if findings.file is not None else f"{view.title}.h5"),
        },
    )


def trust_words(view: CubeView, item: LineAnswer) -> str:
    """`Hypothesis, not ranking; line calibrated`, what is known of that."""
    line = line_words(view, view.lines.index(item.line))
    parts = [verdict(view, item.combination), f"line {line}" if line else ""]
    said = "; ".join(filter(None, parts))
    return said[:1].upper() + said[1:]


def anchor_name(view: CubeView) -> str:
    """The anchor drug as the question names it."""
    return f"{view.anchor} (Herceptin)" if view.anchor.lower() == "trastuzumab" else view.anchor


def not_explained(reason: str) -> str:
    """Why the page explains no pair."""
    if reason:
        return f"No pair is explained: {reason}"
    return (
        "No pair was explained for this page: herscreen report --explain 6 simulates what is left of a synergy "
        "when one edge of the network is cut."
    )


SECTION = Section(id="answer", heading="Answer", order=10, make=make, template="answer.html.j2")
