"""The words of the page: each explained where it stands, on hover or focus, and in one list at the page's end."""

import re

from markupsafe import Markup, escape

GLOSSARY = {
    "share of the gap": "0 % is the resistant line under the anchor drug alone, 100 % the line that it is compared "
    "with under the anchor drug alone",
    "parameter sets": "draws of the model's unknown rates that all agree with the evidence; what differs between them "
    "is not known",
    "Cmax": "the highest concentration in patients' plasma at the approved dose",
    "own effect": "of the cells that the partner leaves, the share that the anchor drug removes",
    "Bliss excess": "inhibition beyond that of two drugs that act independently, in percent points; positive is "
    "synergy",
    "rank correlation": "Spearman's: +1 when the lines stand in the same order by both, 0 when the orders have nothing "
    "to do with each other",
    "false-discovery rate": "the share of false ones that is expected among the findings that are called",
    "expression": "how much of it a line makes, 1 as the mean of the named lines: what the line is in the model, not "
    "what is simulated",
    "anchor": "the drug that the others are added to",
    "best window": "the mean over the best block of 3 x 3 doses",
    "median": "half of the values are below it, half above",
    "nominal": "of the model's one best-fitting parameter set",
}
PLACES = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(GLOSSARY, key=len, reverse=True)))


def explained(text: str) -> Markup:
    """A sentence as markup, with the first place of each word that the glossary knows explained on hover."""
    seen: set[str] = set()

    def marked(found: "re.Match[str]") -> str:
        word = found[0]
        if word in seen:
            return word
        seen.add(word)
        return f'<abbr class="term" title="{escape(GLOSSARY[word])}">{escape(word)}</abbr>'

    return Markup(PLACES.sub(marked, str(escape(text))))
