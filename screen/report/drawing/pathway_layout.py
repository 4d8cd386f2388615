"""Where each protein and RNA of the pathway stands in a picture of it, its edges, and what each drug target is."""

CELL_X, CELL_Y, WIDE, HIGH = 118, 62, 96, 30

NODES: dict[str, tuple[float, float, str]] = {
    "EGFR": (0, 0, "receptor"),
    "p95HER2": (1, 0, "receptor"),
    "HER2": (2, 0, "receptor"),
    "HER3": (3, 0, "receptor"),
    "MET, FGFR": (4, 0, "receptor"),
    "IGF1R": (5, 0, "receptor"),
    "INSR": (6, 0, "receptor"),
    "IRS1": (5, 1.2, "loop"),
    "IRS2": (6, 1.2, "kinase"),
    "SRC": (1.5, 1.2, "kinase"),
    "RAS": (0, 1.6, "kinase"),
    "RAF": (0, 2.6, "kinase"),
    "MEK": (0, 3.6, "kinase"),
    "ERK": (0, 4.6, "kinase"),
    "STAT5": (1.5, 2.4, "kinase"),
    "HDAC1": (2.4, 2.4, "kinase"),
    "PI3K": (4, 1.9, "kinase"),
    "PTEN": (3, 1.6, "kinase"),
    "PIP3": (4, 2.9, "kinase"),
    "PDK1": (5, 2.9, "kinase"),
    "mTORC2": (5.3, 3.9, "kinase"),
    "AKT": (4, 3.9, "kinase"),
    "TSC": (4, 4.9, "kinase"),
    "mTORC1": (4, 5.9, "kinase"),
    "S6K": (5.3, 5.9, "kinase"),
    "PPP3CB": (2.2, 4.4, "loop"),
    "FOXO3a": (2.6, 5.6, "loop"),
    "miR-193a": (6.6, 6.6, "rna"),
    "miR-128, 30a": (5.2, 7.2, "rna"),
    "IGF2": (7.2, 4.4, "loop"),
    "ER, AR": (0, 6.9, "receptor"),
    "cyclin D": (1.2, 6.9, "fate"),
    "p27": (2.4, 6.9, "fate"),
    "BIM": (3.6, 6.9, "fate"),
    "division": (1.6, 8, "fate"),
    "death": (3.2, 8, "fate"),
}
"""Name -> column, row, kind."""

EDGES = (
    "EGFR>RAS HER2>RAS HER2>SRC HER2>HER3 p95HER2>PI3K HER3>PI3K IGF1R>IRS1 IGF1R>IRS2 INSR>IRS1 "
    "INSR>IRS2 IGF1R>HER3 IRS1>PI3K IRS2>PI3K IRS1>TSC! PI3K>RAS PI3K>PIP3 PTEN>PIP3! SRC>PTEN! "
    "SRC>STAT5 SRC>RAS STAT5>PPP3CB! HDAC1>PPP3CB! RAS>RAF RAF>MEK MEK>ERK ERK>RAF! ERK>TSC! PIP3>AKT "
    "PDK1>AKT mTORC2>AKT AKT>TSC! TSC>mTORC1! mTORC1>S6K S6K>mTORC2! S6K>IRS1! S6K>PI3K! "
    "mTORC1>PPP3CB PPP3CB>FOXO3a AKT>FOXO3a! FOXO3a>miR-193a FOXO3a>miR-128,_30a miR-193a>IGF2! "
    "miR-128,_30a>IRS1! IGF2>IGF1R IGF2>INSR FOXO3a>HER3 FOXO3a>p27 FOXO3a>BIM ERK>cyclin_D "
    "mTORC1>cyclin_D ERK>BIM! cyclin_D>division p27>division! BIM>death mTORC1>death! MET,_FGFR>PI3K "
    "MET,_FGFR>RAS ER,_AR>cyclin_D S6K>cyclin_D AKT>cyclin_D AKT>death! "
)
"""`a>b` activates or makes, `a>b!` inhibits or removes; `_` is a blank."""

TARGET_NODE = {
    "HER2_IV": "HER2",
    "HER2_II": "HER2",
    "HER2": "HER2",
    "EGFR": "EGFR",
    "HER2_ligated": "HER2",
    "EGFR_site": "EGFR",
    "MET": "MET, FGFR",
    "FGFR": "MET, FGFR",
    "ER": "ER, AR",
    "ERK": "ERK",
    "CDK46": "division",
    "tubulin": "death",
    "payload_DM1": "death",
    "payload_DXd": "death",
    "IGF1R": "IGF1R",
    "IGF1R_site": "IGF1R",
    "INSR": "INSR",
    "IGF1": "IGF2",
    "IGF2": "IGF2",
    "PI3K_alpha": "PI3K",
    "PI3K_beta": "PI3K",
    "PI3K_mutant": "PI3K",
    "AKT_allosteric": "AKT",
    "AKT_catalytic": "AKT",
    "FRB": "mTORC1",
    "mTOR": "mTORC1",
    "MEK": "MEK",
    "SRC": "SRC",
    "HDAC": "HDAC1",
    "calcineurin": "PPP3CB",
    "PDK1": "PDK1",
    "S6K": "S6K",
}
"""A drug target of `drugs.tsv` -> its node."""


def place(column: float, row: float) -> tuple[float, float]:
    return 12 + WIDE / 2 + column * CELL_X, 24 + HIGH / 2 + row * CELL_Y


def border(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    """Where the straight line from a node's centre towards a point leaves the node's box."""
    dx, dy = to_x - x, to_y - y
    if dx == 0 and dy == 0:
        return x, y
    scale = min(
        (WIDE / 2 + 3) / abs(dx) if dx else float("inf"), (HIGH / 2 + 3) / abs(dy) if dy else float("inf")
    )
    return x + dx * min(scale, 1), y + dy * min(scale, 1)
