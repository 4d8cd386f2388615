"""What a run rests on: synergy models, metrics and mechanism from `references.bib`, and the sources that the
pathway's tables give for its drugs and lines. Only what this cube used is cited.
"""

import re
from dataclasses import dataclass
from importlib import resources

from screen._version import __version__
from screen.pathway import load_pathway
from screen.report.cube_view.custom_model import custom_mapping
from screen.report.cube_view.view import CubeView
from screen.synergy.models.registry import MODELS

LABELS = {model.reference: model.title for model in MODELS.values()} | {
    "gr_value": "Growth-rate inhibition",
    "false_discovery": "False-discovery rate",
    "mechanism": "The mechanism",
}
DOI = re.compile(r"10\.\d{4,9}/[^\s;,()]+")


@dataclass(frozen=True)
class Citation:
    """One entry: BibTeX key and kind, and its fields in order."""

    key: str
    kind: str
    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return dict(self.fields).get(name, "")

    @property
    def bibtex(self) -> str:
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in self.fields)
        return f"@{self.kind}{{{self.key},\n{body}\n}}\n"

    @property
    def line(self) -> str:
        """Authors, year, title and place in one line of plain text."""
        plain = {name: re.sub(r'{?\\"(\w)}?', umlaut, value) for name, value in self.fields}
        authors = [name.split(",")[0] for name in plain.get("author", "").split(" and ") if name]
        who = f"{authors[0]} et al." if len(authors) > 2 else " and ".join(authors)
        place = " ".join(filter(None, (plain.get("journal", ""), plain.get("volume", ""))))
        pages = f":{plain['pages'].replace('--', '-')}" if plain.get("pages") else ""
        title = plain.get("title", "").rstrip("?")
        mark = "?" if plain.get("title", "").endswith("?") else "."
        return " ".join(filter(None, (who, plain.get("year", ""), f"{title}{mark}", f"{place}{pages}")))


def umlaut(found: "re.Match[str]") -> str:
    return {"u": "ü", "U": "Ü", "o": "ö", "a": "ä"}.get(found.group(1), found.group(1))


def library() -> dict[str, Citation]:
    """The entries of `references.bib` by key."""
    text = resources.files("screen.report").joinpath("references.bib").read_text(encoding="utf-8")
    found = {}
    for kind, key, body in re.findall(r"@(\w+){(\w+), (.*)}$", text, flags=re.MULTILINE):
        fields = re.findall(r"(\w+) = {((?:[^{}]|{[^{}]*})*)}", body)
        found[key] = Citation(key, kind, tuple(fields))
    return found


def used(screen: CubeView) -> list[Citation]:
    """The entries of the library that this screen used, in a fixed order."""
    keys = [MODELS[model.name].reference for model in screen.models if model.name in MODELS] + [
        name for name in ("gr_value",) if name in screen.readouts
    ]
    keys += ["false_discovery"] if screen.markers else []
    keys += ["mechanism"] if screen.anchor.lower() == "trastuzumab" else []
    known = library()
    return [known[key] for key in keys if key in known]


def sources(screen: CubeView) -> list[Citation]:
    """The DOIs that the pathway's tables, or the mapping of another model, give for the screen's drugs and
    lines.
    """
    stated = _stated_sources(screen)
    wanted: dict[str, list[str]] = {}
    for name in dict.fromkeys((*screen.drug_1, *screen.drug_2)):
        for doi in DOI.findall(stated.get(name, "")):
            wanted.setdefault(doi.rstrip("."), []).append(name)
    for name in screen.lines:
        for doi in DOI.findall(stated.get(name, "")):
            wanted.setdefault(doi.rstrip("."), []).append(name)
    return [
        Citation(
            "source_" + re.sub(r"\W+", "_", doi),
            "misc",
            (("doi", doi), ("note", f"source of {', '.join(names)}")),
        )
        for doi, names in wanted.items()
    ]


def _stated_sources(screen: CubeView) -> dict[str, str]:
    """The source that is stated for every drug and line."""
    own = custom_mapping(screen)
    if own is not None:
        return {
            name: str(one["source"]) for part in ("drugs", "cell_lines") for name, one in own[part].items()
        }
    try:
        pathway = load_pathway()
    except (ImportError, OSError, ValueError):
        return {}
    known = {name: line.source for name, line in pathway.cell_lines.items()}
    return known | {name: drug.source for name, drug in pathway.drugs.items()}


def software(screen: CubeView) -> Citation:
    """The program that made the cube, with its version and the model's hash."""
    versions = screen.provenance.get("versions")
    made_by = versions.get("herscreen", __version__) if isinstance(versions, dict) else __version__
    note = f"version {made_by}; model SHA-256 {screen.provenance.get('model_sha256', 'not stated')}"
    title = "herscreen: virtual drug-combination screens on a mechanistic model of Herceptin resistance"
    fields = (("author", "{The herscreen developers}"), ("title", title), ("note", note))
    return Citation("herscreen", "software", fields)


def bibliography(screen: CubeView) -> str:
    """BibTeX of the software, the models and metrics, and the data sources of this run."""
    return "\n".join(entry.bibtex for entry in (software(screen), *used(screen), *sources(screen)))
