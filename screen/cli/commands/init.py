"""`herscreen init`: a first configuration, from three questions."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from screen.cli.console import is_terminal, say
from screen.config.screen import load_config
from screen.errors import InputError
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

    def known_lines(text: str) -> str:
        every = text.strip().lower() == "all"
        return "all" if every else listed(pathway.cell_line(name).name for name in parts(text))

    def known_drugs(text: str) -> str:
        return listed(pathway.drug(name).name for name in parts(text))

    chosen = asked(lines, known_lines, "Cell lines (herscreen lines lists them)", USUAL_LINES)
    first = asked(
        anchor,
        lambda name: pathway.drug(name.strip()).name,
        "Anchor drug (herscreen drugs lists them)",
        USUAL_ANCHOR,
    )
    added = asked(partners, known_drugs, "Partner drugs", USUAL_PARTNERS)
    write_text(output, TEMPLATE.format(lines=chosen, anchor=first, partners=added))
    load_config(output)
    say(f"wrote {output}")
    say(f"next: herscreen plan {output}, herscreen run {output}, herscreen report results/{output.stem}.h5")


def asked(given: str | None, known: Callable[[str], str], question: str, usual: str) -> str:
    """What was `given`, or is answered, by its `known` names; a terminal is asked again where an answer is none."""
    if given is not None:
        return known(given)
    while True:
        answer = typer.prompt(question, usual)
        try:
            return known(answer)
        except InputError as error:
            if not is_terminal(sys.stdin):
                raise
            say(error, err=True)


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
