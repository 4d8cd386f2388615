"""In what unit a table of expression is, and its genes as log2 numbers on the scale of the shipped panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError
from screen.pathway.omics.expression_file import GeneExpression

UNITS = ("log2_tpm", "log2_fpkm", "tpm", "counts", "zscore")
LOG_MOST = 50.0  # no logarithm is larger
Z_MOST = 15.0  # of a z-score or a centred logarithm, either sign
CENTRED = 1.0  # a median of all genes nearer to 0 than this is that of z-scores
OFFSET = 0.1  # in the logarithm, as in the shipped panel: log2(FPKM + 0.1)
LEAST_GENES = 1000  # of which a sample's counts are added up to its library's size


@dataclass(frozen=True)
class Unit:
    """A unit and whether the user stated it; `pseudocount` was added before logarithms were taken."""

    name: str
    stated: bool
    pseudocount: float = 0.0

    def __str__(self) -> str:
        known = f"log2(x + {self.pseudocount:g})" if self.pseudocount else "log2, as it is"
        words = {"zscore": "z-scores", "counts": "counts, made CPM", "tpm": "not logarithms"}
        how = "stated" if self.stated else "by its values"
        return f"{self.name} ({words.get(self.name, known)}; {how})"


def unit_of(expression: GeneExpression, stated: str = "auto") -> Unit:
    """The unit that was stated or that the values are in: whole numbers above 50 are counts, others above 50 no
    logarithms; with negative ones they are z-scores if their median is near 0; else logarithms.

    Logarithms without negative values are taken as log2(x + 1). Raises `InputError` where values are in none.
    """
    values = np.concatenate([rows.ravel() for rows in expression.genes.values()])
    values = values[~np.isnan(values)]
    if not len(values):
        raise InputError(f"{expression.path}: the genes are blank throughout, expected numbers")
    if not np.isfinite(values).all():
        raise InputError(f"{expression.path}: found an infinite value, expected finite numbers")
    low, high, whole = float(values.min()), float(values.max()), bool((values == np.rint(values)).all())
    name = _detected(expression, values, whole) if stated == "auto" else stated
    if name in ("tpm", "counts") and low < 0:
        raise InputError(
            f"{expression.path}: found {low:g}, expected {name} of 0 or more; unit: says otherwise"
        )
    if name not in ("tpm", "counts") and high > LOG_MOST:
        raise InputError(f"{expression.path}: found {high:g}, expected {name} of at most {LOG_MOST:g}")
    return Unit(name, stated != "auto", 1.0 if name.startswith("log2") and low >= 0 else 0.0)


def _detected(expression: GeneExpression, values: Floats, whole: bool) -> str:
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high > LOG_MOST:
        return "counts" if whole else "tpm"
    if whole and len(values) > 1:
        raise InputError(
            f"{expression.path}: found whole numbers from {low:g} to {high:g} only, from which no unit follows; "
            f"expected `unit: {'|'.join(UNITS)}`"
        )
    if low >= 0:
        return "log2_tpm"
    if low < -Z_MOST or high > LOG_MOST:
        raise InputError(
            f"{expression.path}: found values from {low:g} to {high:g}, expected logarithms, z-scores, TPM or counts; "
            f"state `unit: {'|'.join(UNITS)}`"
        )
    return "zscore" if abs(float(np.median(values))) < CENTRED and high <= Z_MOST else "log2_tpm"


def term_values(expression: GeneExpression, unit: Unit, terms: Sequence[str]) -> Mapping[str, Floats]:
    """log2 numbers (S,) of each term, a gene or a sum of genes, that the table has; z-scores stay what they are.

    Duplicates of a gene and the genes of a sum are added up before the logarithm; genes of a sum that are missing
    are left out of it. Of z-scores a sum is the mean. Raises `InputError` for duplicates of z-scores.
    """
    amounts = _amounts(expression, unit)
    found = {}
    for term in terms:
        parts = [amounts[gene] for gene in term.split("+") if gene in amounts]
        if not parts:
            continue
        if unit.name == "zscore":
            found[term] = np.asarray(np.mean(parts, axis=0))
        else:
            offset = 0.0 if unit.name.startswith("log2") and not unit.pseudocount else OFFSET
            found[term] = np.asarray(np.log2(np.sum(parts, axis=0) + offset))
    return found


def _amounts(expression: GeneExpression, unit: Unit) -> dict[str, Floats]:
    """Each gene's amount (S,), not logarithmic; z-scores as they are."""
    if unit.name == "zscore":
        for gene, rows in expression.genes.items():
            if len(rows) > 1:
                raise InputError(
                    f"{expression.path}: {gene} is there {len(rows)} times, and z-scores cannot be added up; "
                    "expected one row or column a gene"
                )
        return {gene: rows[0] for gene, rows in expression.genes.items()}
    if unit.name.startswith("log2"):
        back = {
            gene: np.maximum(np.exp2(rows) - unit.pseudocount, 0) for gene, rows in expression.genes.items()
        }
        return {gene: rows.sum(axis=0) for gene, rows in back.items()}
    added = {gene: rows.sum(axis=0) for gene, rows in expression.genes.items()}
    if unit.name == "tpm":
        return added
    totals, count = expression.totals()
    if count < LEAST_GENES:
        raise InputError(
            f"{expression.path}: found counts of {count} genes, expected at least {LEAST_GENES}, whose sum is the "
            "library's size; or `unit: tpm`"
        )
    if not (totals > 0).all():
        sample = expression.samples[int(np.argmin(totals))]
        raise InputError(f"{expression.path}: the counts of {sample} add up to 0, expected more")
    return {gene: values / totals * 1e6 for gene, values in added.items()}
