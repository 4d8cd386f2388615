"""Other names under which tables have the genes of the omics map: former symbols of HGNC (FRAP1) and usual ones (HER2).

Names that are another gene's symbol or usual name too are left out: PDK1 (PDPK1 here), HRG (NRG1), TEP1 (PTEN), NEU.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from screen.errors import InputError, plain
from screen.pathway.tables.tsv import FOLDER, read_table


def load_gene_aliases(genes: Collection[str], path: Path = FOLDER / "gene_aliases.tsv") -> Mapping[str, str]:
    """The symbol, one of `genes`, of each alias as `plain` has it. `InputError` for an alias of two genes."""
    found: dict[str, str] = {}
    for row in read_table(path, ("symbol", "aliases")):
        for alias in row["aliases"].split(";"):
            if found.setdefault(plain(alias), row["symbol"]) != row["symbol"]:
                raise InputError(f"{path.name}: {row['symbol']}: {alias} is {found[plain(alias)]}'s too")
    return {alias: symbol for alias, symbol in found.items() if symbol in genes}
