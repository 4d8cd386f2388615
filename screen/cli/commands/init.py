"""`herscreen init`: a first configuration, from three questions."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import say
from screen.config.screen import load_config
from screen.files import checked, occupied, write_text
from screen.pathway import load_pathway

USUAL_LINES, USUAL_ANCHOR = "SKBR3-pool2, BT474-HR20", "trastuzumab"
USUAL_PARTNERS = "linsitinib, alpelisib, lapatinib"


def init(
    output: Annotated[Path, typer.Argument(help="The configuration to write (.yaml).")] = Path("screen.yaml"),
    lines: Annotated[
        str | None, typer.Option("--lines", help="Cell lines with commas, or all; asked for unless given.")
    ] = None,
    anchor: Annotated[str | None, typer.Option("--anchor", help="The drug that others are added to.")] = None,
    partners: Annotated[
        str | None, typer.Option("--partners", help="The drugs that are added to it, with commas.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Ask for cell lines, anchor drug and partners, and write a commented configuration."""
    checked(output, (".yaml", ".yml"))
    if output.exists() and not force:
        raise occupied(output)
    pathway = load_pathway()
    lines = lines or typer.prompt("Cell lines (herscreen lines lists them)", USUAL_LINES)
    anchor = anchor or typer.prompt("Anchor drug (herscreen drugs lists them)", USUAL_ANCHOR)
    partners = partners or typer.prompt("Partner drugs", USUAL_PARTNERS)
    every = lines.strip().lower() == "all"
    chosen = "all" if every else listed(pathway.cell_line(name).name for name in parts(lines))
    added = listed(pathway.drug(name).name for name in parts(partners))
    write_text(
        output, TEMPLATE.format(lines=chosen, anchor=pathway.drug(anchor.strip()).name, partners=added)
    )
    load_config(output)
    say(f"wrote {output}")
    say(f"next: herscreen plan {output}, herscreen run {output}, herscreen report results/{output.stem}.h5")


def parts(text: str) -> list[str]:
    """The names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def listed(names: Iterable[str]) -> str:
    """Names as a list in YAML."""
    return f"[{', '.join(names)}]"


TEMPLATE = """\
# A screen: `herscreen plan` says what it costs, `herscreen run` simulates it, `herscreen report` shows it.
# Every key is explained in docs/configuration.md; `herscreen schema` gives them to your editor.
description: Which partner brings {anchor} back in which line?

# Named lines (`herscreen lines`), `all`, or lines of your own. Parents are simulated in any case, for comparison.
cell_lines: {lines}

combinations:
  anchor: {anchor} # the drug that the others are added to
  partners: {partners}

# 0 and seven doses over each drug's standard range; `herscreen drugs` lists the ranges and clinical peaks.
doses:
  points: 8

# When cells are counted after dosing.
times: 120 h

# Parameter sets that agree with the evidence: intervals and probabilities come from them.
ensemble: 16
"""
