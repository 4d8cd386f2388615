"""The files that the documentation's commands name, made by formulas: nothing in them was measured.

Cell line MINE answers to trastuzumab a little, to its partners by Hill curves, and to both together more than two
drugs that act independently would make it. `signalling.xml` has the symbols of the mapping in docs/own-models.md.
"""

import numpy as np

from screen.arrays import Floats
from screen.kinetics.sbml.files.text import sbml_of_antimony

ANCHOR_nM = np.array([0.0, 2.0, 7.0, 20.0, 70.0])
PARTNER_nM = np.array([0.0, 30.0, 100.0, 300.0, 1000.0])
PARTNERS = {"linsitinib": (400.0, 0.6), "alpelisib": (250.0, 0.7)}  # midpoint in nM, largest effect
HEAD = "block_id,drug_row,drug_col,conc_r,conc_c,conc_r_unit,conc_c_unit,cell_line,time_h,replicate,response"
MAP_HEAD = "plate,well,role,drug1,conc1,drug2,conc2,conc_unit,cell_line"
TIME_h, REPLICATES, NOISE, BEYOND = 120, 2, 0.02, 0.12
SIGNALS = 20_000
MY_CELLS = (
    "line,HER2,IGF1R,PTEN,PIK3CA_H1047R\nMINE,1.2,0.8,0.3,\nPARENT,1.1,-0.2,0.1,\nDERIVED,0.9,1.5,-0.8,0.5\n"
)
LEARN = """# What the made-up plates of MINE change: docs/learn.md
plates: [plates.csv]
around: {MINE: BT474}
members: 64
folds: 2
"""
NEXT = """# What to measure next in two lines: docs/next.md
about: best partner
lines: [SKBR3, MINE]
around: {MINE: BT474}
drugs: {anchor: trastuzumab, partners: [lapatinib, everolimus, linsitinib]}
budget: {plates: 2, replicates: 2}
"""
SIGNALLING = """model signalling
  species EGFR, pEGFR, ERK, ERK_PP, Ab
  EGFR_phosphorylation: EGFR -> pEGFR; kcat_EGFR * EGFR * (0.1 + EGF / (1 + EGF)) / (1 + Ab)
  EGFR_dephosphorylation: pEGFR -> EGFR; 0.1 * pEGFR
  make: -> ERK; k_synthesis
  lose: ERK -> ; 0.01 * ERK
  ERK_phosphorylation: ERK -> ERK_PP; 0.2 * ERK * pEGFR / (1 + PTEN + PTEN_P)
  ERK_dephosphorylation: ERK_PP -> ERK; 0.05 * ERK_PP
  lose_PP: ERK_PP -> ; 0.01 * ERK_PP
  EGFR_total = 1; EGFR = EGFR_total; pEGFR = 0; ERK = 10; ERK_PP = 0; Ab = 0
  kcat_EGFR = 0.5; k_synthesis = 0.1; EGF = 0; PTEN = 1; PTEN_P = 0.5
end
"""


def wells(partner: str, replicate: int) -> Floats:
    """Viability in per cent (dose of trastuzumab, dose of the partner) of one replicate."""
    midpoint, most = PARTNERS[partner]
    anchor = 0.15 * ANCHOR_nM / (8.0 + ANCHOR_nM)
    other = most * PARTNER_nM / (midpoint + PARTNER_nM)
    both = (1 - anchor[:, None]) * (1 - other)
    both = both - BEYOND * (anchor[:, None] / 0.15) * (other / most)
    noise = np.random.default_rng([len(partner), replicate]).normal(0, NOISE, both.shape)
    return np.asarray(np.round(100 * (both + noise), 2))


def long_table(partners: tuple[str, ...]) -> str:
    """Blocks of MINE with each partner, a row a well."""
    rows = [HEAD]
    for block, partner in enumerate(partners, 1):
        for replicate in range(1, REPLICATES + 1):
            for (i, j), value in np.ndenumerate(wells(partner, replicate)):
                doses = f"{ANCHOR_nM[i]:g},{PARTNER_nM[j]:g}"
                rows.append(
                    f"{block},trastuzumab,{partner},{doses},nM,nM,MINE,{TIME_h},{replicate},{value:g}"
                )
    return "\n".join(rows) + "\n"


def reader_and_map() -> tuple[str, str]:
    """A plate reader's 8 x 12 export, and what its wells hold: doses in B2 to F6, vehicle and blank in row A."""
    signals = np.full((8, 12), np.nan)
    mapped = [MAP_HEAD]
    for (i, j), value in np.ndenumerate(wells("linsitinib", 1)):
        signals[i + 1, j + 1] = value
        mapped.append(
            f"1,{'ABCDEFGH'[i + 1]}{j + 2},sample,trastuzumab,{ANCHOR_nM[i]:g},linsitinib,{PARTNER_nM[j]:g},nM,MINE"
        )
    for column, signal in ((2, 99.1), (3, 100.6), (4, 100.3), (5, 0.9), (6, 1.1)):
        signals[0, column - 1] = signal
        role = "vehicle,DMSO,0,DMSO,0,nM" if signal > 50 else "blank,,,,,"
        mapped.append(f"1,A{column},{role},MINE")
    rows = [",".join(["", *map(str, range(1, 13))])]
    for name, values in zip("ABCDEFGH", signals, strict=True):
        shown = ["" if np.isnan(value) else f"{value / 100 * SIGNALS:.0f}" for value in values]
        rows.append(",".join([name, *shown]))
    return "\n".join(rows) + "\n", "\n".join(mapped) + "\n"


def example_files() -> dict[str, str]:
    """Every text by the name of its file; the workbook `plates.xlsx` holds the table of `plates.csv`."""
    reader, mapped = reader_and_map()
    return {
        "plate.csv": long_table(("linsitinib",)),
        "plates.csv": long_table(tuple(PARTNERS)),
        "reader.csv": reader,
        "map.csv": mapped,
        "my-cells.csv": MY_CELLS,
        "learn.yaml": LEARN,
        "next.yaml": NEXT,
        "signalling.xml": sbml_of_antimony(SIGNALLING),
    }
