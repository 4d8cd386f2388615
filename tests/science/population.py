"""Where the numbers of `population.tsv` come from, and what follows: `python -m tests.science.population`.

Prints, as the tables of docs/model.md, what the named lines give next to what the table holds, which widths
spread the response to trastuzumab, and how sampled and named lines agree in that response and in others. With
`--write` the table is written again first, as `herscreen calibrate` writes it next to the lines that it fitted.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from screen.analysis.markers.panel_response import panel_response, survivals
from screen.pathway import Assay, CellLine, load_pathway
from screen.pathway.panels.population_statistics import amplified, describe, write_population
from screen.pathway.panels.sampled_lines import FACTORS, Spread, load_population, sample_lines
from screen.pathway.tables.tsv import FOLDER

LINES, SEED, TIME_H = 4096, 1, 120.0
TRASTUZUMAB_NM = 68.0
DRUGS = ("lapatinib", "neratinib", "alpelisib", "everolimus", "linsitinib", "trametinib")
MARKERS = ("pAKT_S473", "pERK", "IRS1", "IGF2", "nFOXO3A", "PPP3CB")
Floats = NDArray[np.float64]
Agreement = tuple[str, float, float, Floats, Floats]


def agreements(assay: Assay, lines: int = LINES, drugs: Sequence[str] = DRUGS) -> list[Agreement]:
    """Distance and p (Kolmogorov-Smirnov) between sampled and named lines, and 10, 50 and 90 % quantiles of
    both: viability under trastuzumab and under drugs at their Cmax, untreated growth and markers.
    """
    pathway = assay.pathway
    sampled, named = sample_lines(pathway, lines, SEED), amplified(pathway)
    rows = []
    for drug, dose in [
        ("trastuzumab", TRASTUZUMAB_NM),
        *((d, pathway.drugs[d].peak_nM or 0.0) for d in drugs),
    ]:
        found = panel_response(assay, sampled, [{}] * lines, drug, dose, TIME_H)
        rows.append(_row(f"viability, {drug} {dose:g} nM", found.panel, found.named))
    one, other = assay.untreated(sampled), assay.untreated(named)
    rows.append(_row("untreated growth, 1/h", one.growth_rate, other.growth_rate))
    for index, name in enumerate(assay.readouts):
        rows.append(_row(f"untreated {name}", one.readouts[:, index], other.readouts[:, index]))
    return rows


def _row(name: str, one: Floats, other: Floats) -> Agreement:
    test, shares = ks_2samp(one, other), [0.1, 0.5, 0.9]
    return name, test.statistic, test.pvalue, np.quantile(one, shares), np.quantile(other, shares)


def drivers(assay: Assay, population: tuple[Spread, ...]) -> list[tuple[str, float]]:
    """Total Sobol index of each entity for viability under trastuzumab, entities independent of each other:
    the share of its variance left when all others are known (Jansen 1999, 10.1016/S0010-4655(98)00154-4).
    """
    apart = tuple(replace(member, loading=0.0, factors=(0.0,) * len(FACTORS)) for member in population)
    one = sample_lines(assay.pathway, LINES, SEED, population=apart)
    # in another order, not of another seed: two scrambles of a Sobol sequence are not independent
    other = [one[place] for place in np.random.default_rng(SEED).permutation(LINES)]

    def response(lines: list[CellLine]) -> Floats:
        return survivals(assay, lines, "trastuzumab", TRASTUZUMAB_NM, TIME_H)

    before, found = response(one), []
    for name in (member.entity for member in population):
        mixed = [replace(a, values={**a.values, name: b.values[name]}) for a, b in zip(one, other)]
        found.append((name, float(((before - response(mixed)) ** 2).mean() / 2 / before.var())))
    return sorted(found, key=lambda row: -row[1])


def main() -> None:
    pathway, path = load_pathway(), FOLDER / "population.tsv"
    if "--write" in sys.argv[1:]:
        write_population(pathway, path)
    population = load_population()
    given = {member.entity: member for member in population}
    print("| entity | median | named lines | sd of ln | named lines |\n|---|---|---|---|---|")
    for member in describe(pathway, population):
        now = given[member.entity]
        print(f"| {now.entity} | {now.median:g} | {member.median:.3g} | {now.sd_ln:g} | {member.sd_ln:.3g} |")
    assay = Assay.compile(pathway, MARKERS)
    print("\n| entity | total Sobol index |\n|---|---|")
    for name, share in drivers(assay, population)[:12]:
        print(f"| {name} | {share:.2f} |")
    print("\n| what | distance | p | sampled, 10/50/90 % | named |\n|---|---|---|---|---|")
    for name, distance, p, one, other in agreements(assay):
        quantiles = [" / ".join(f"{value:.2g}" for value in values) for values in (one, other)]
        print(f"| {name} | {distance:.2f} | {p:.2f} | {quantiles[0]} | {quantiles[1]} |")


if __name__ == "__main__":
    main()
