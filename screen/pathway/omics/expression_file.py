"""A table of expression as CCLE/DepMap, TCGA (Xena), METABRIC (cBioPortal) and GEO write it: which axis holds the
genes is found by their symbols, and of a table of 20,000 genes only the rows or columns that are wanted are kept.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from screen.arrays import Floats
from screen.errors import InputError, plain
from screen.pathway.omics.matrix_file import LABELS, MatrixFile, open_matrix

MANY = 3  # symbols in a header that make its columns genes
BLANK = frozenset({"", "na", "nan", "null", "none", "n/a", "#n/a"})
SAMPLE_COLUMNS = (
    "modelid",
    "cellline",
    "celllinename",
    "sampleid",
    "sample",
    "strippedcelllinename",
    "depmapid",
)
DEFAULT_ENTRY = "isdefaultentryformodel"  # DepMap: one profile of each model is the one to use
ANNOTATIONS = frozenset(
    {
        *(
            "hugosymbol",
            "entrezgeneid",
            "entrezgene",
            "entrez",
            "genesymbol",
            "symbol",
            "gene",
            "genename",
            "geneid",
        ),
        *(
            "name",
            "description",
            "id",
            "idref",
            "chr",
            "chromosome",
            "cytoband",
            "start",
            "end",
            "strand",
            "length",
        ),
        *(
            "ensembl",
            "ensemblgeneid",
            "ensemblid",
            "genetype",
            "biotype",
            "genebiotype",
            "refseq",
            "accession",
        ),
        *("hgncid", "geneversion", "synonyms", "locustype", "location", "transcriptids", "transcriptid(s)"),
        *("probe", "probeid", "probesetid", "ilmnid", "ilmngene", "targetid", "genedescription", "uniprot"),
    }
)
"""Columns of a table with genes in rows that are no samples, without case, spaces and `_`."""


@dataclass(frozen=True)
class WantedGenes:
    """What is looked for: genes by symbol in capitals, `more` and other names of the genes as `plain` has them."""

    genes: Mapping[str, str]
    more: Mapping[str, str]
    aliases: Mapping[str, str]

    def find(self, label: str) -> str | None:
        """What a row or column is, None where nobody asked for it."""
        return self.more.get(plain(label)) or self.gene(label)

    def gene(self, label: str) -> str | None:
        """The gene that a row or column is, by its symbol or another name."""
        symbol = symbol_of(label)
        return self.genes.get(symbol) or self.aliases.get(plain(symbol))

    @classmethod
    def of(
        cls, genes: Sequence[str], more: Sequence[str] = (), aliases: Mapping[str, str] | None = None
    ) -> "WantedGenes":
        by_name = {plain(name): name for name in more}
        return cls({gene.upper(): gene for gene in genes}, by_name, aliases or {})


@dataclass(frozen=True)
class GeneExpression:
    """What was read: of each gene and of `more`, the rows or columns of that name (duplicates, samples), NaN where
    blank. `called` are genes that the table has under another name only. `totals` reads the file again for each
    sample's sum over all genes, (S,), and the number of these.
    """

    path: Path
    samples: tuple[str, ...]
    genes: Mapping[str, Floats]
    more: Mapping[str, Floats]
    called: Mapping[str, str]
    layout: str
    totals: Callable[[], tuple[Floats, int]]


def symbol_of(label: str) -> str:
    """The gene's symbol in `ERBB2 (2064)`, `ERBB2|2064` or `erbb2`, in capitals."""
    return re.split(r"[(|]", label.strip().strip('"'), maxsplit=1)[0].strip().upper()


def read_expression(path: Path, wanted: WantedGenes) -> GeneExpression:
    """The samples of a table with what it says of the genes and quantities that are wanted.

    Raises `InputError` that names the file, the row and column, what was found and what was expected.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: found something that is no file, expected a table of expression")
    matrix = open_matrix(path)
    across = {wanted.gene(label) for label in matrix.header} - {None}
    try:
        if len(across) >= MANY or "ERBB2" in across:
            return _from_columns(path, matrix, wanted)
        return _from_rows(path, matrix, wanted)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read to its end ({error})") from None


def _from_columns(path: Path, matrix: MatrixFile, wanted: WantedGenes) -> GeneExpression:
    """Samples in rows."""
    header, spelled = matrix.header, [plain(label) for label in matrix.header]
    columns = [at for at, label in enumerate(header) if wanted.find(label)]
    label = next((spelled.index(name) for name in SAMPLE_COLUMNS if name in spelled), 0)
    if label in columns:
        raise InputError(f"{path}: found {header[label]} in the first column, expected names of samples")
    default = spelled.index(DEFAULT_ENTRY) if DEFAULT_ENTRY in spelled else None
    labels = [header[at] for at in columns]
    samples, rows, places = [], [], []
    for place, fields in matrix.rows([label, default or label, *columns]):
        if default is not None and fields[1].strip().casefold() not in ("yes", "true", "1", "1.0"):
            continue
        samples.append(fields[0].strip().strip('"'))
        rows.append(_numbers(fields[2:], f"{path}: {place} ({samples[-1]})", labels))
        places.append(place)

    def totals() -> tuple[Floats, int]:
        kept, found = frozenset(places), []
        counted: list[int] = []
        every = [at for at in range(1, len(header)) if spelled[at] not in wanted.more and at != label]
        for place, fields in matrix.rows(every):
            counted = counted or [at for at, text in enumerate(fields) if _is_number(text)]
            if place in kept:
                numbers = _numbers([fields[at] for at in counted], f"{path}: {place}", ())
                found.append(float(np.nansum(numbers)))
        return np.array(found), len(counted)

    read = list(zip(labels, np.array(rows, dtype=np.float64).reshape(-1, len(labels)).T))
    return _expression(path, samples, "genes in columns", read, wanted, totals)


def _from_rows(path: Path, matrix: MatrixFile, wanted: WantedGenes) -> GeneExpression:
    """Genes in rows."""
    header = matrix.header
    at_sample = [at for at, name in enumerate(header) if at and plain(name) not in ANNOTATIONS]
    at_label = [at for at in range(min(LABELS, len(header))) if at not in at_sample]
    samples = [header[at].strip().strip('"') for at in at_sample]
    kept: dict[int, list[tuple[str, Floats]]] = {at: [] for at in at_label}
    for place, fields in matrix.rows(
        [*at_label, *at_sample],
        lambda begin: any(wanted.find(begin[at]) for at in at_label if at < len(begin)),
    ):
        numbers: Floats | None = None
        for at, label in zip(at_label, fields):
            if wanted.find(label):
                if numbers is None:
                    numbers = _numbers(fields[len(at_label) :], f"{path}: {place} ({label})", samples)
                kept[at].append((label, numbers))
    best = max(at_label, key=lambda at: len(kept[at]))
    if not any(wanted.gene(label) for label, _ in kept[best]):
        first = [fields[0] for _, fields in islice(matrix.rows([0]), 3)]
        raise InputError(
            f"{path}: found no genes ({', '.join(header[1:4])}, ... in the header, {', '.join(first)}, ... in the "
            f"first column), expected gene symbols (ERBB2, IGF1R, ...) in one of the two{numbered([*header, *first])}"
        )

    def totals() -> tuple[Floats, int]:
        total, count = np.zeros(len(samples)), 0
        for place, (label, *fields) in matrix.rows([best, *at_sample]):
            if plain(label) not in wanted.more:
                total += np.nan_to_num(_numbers(fields, f"{path}: {place} ({label})", samples))
                count += 1
        return total, count

    return _expression(path, samples, "genes in rows", kept[best], wanted, totals)


def numbered(labels: Sequence[str]) -> str:
    """What to do about identifiers that are numbers of a database."""
    for what, pattern in (("Ensembl", r"ENS[GT]\d{6,}(\.\d+)?"), ("Entrez", r"\d+(_at)?")):
        if any(re.fullmatch(pattern, label.strip('"')) for label in labels[1:]):
            return f"; identifiers of {what} are not read: put the symbols in their place or in a column beside them"
    return ""


def _expression(
    path: Path,
    samples: Sequence[str],
    layout: str,
    read: Sequence[tuple[str, Floats]],
    wanted: WantedGenes,
    totals: Callable[[], tuple[Floats, int]],
) -> GeneExpression:
    """Rows or columns by label put together by what they are."""
    if not samples:
        raise InputError(f"{path}: no samples, expected at least one")
    seen: set[str] = set()
    for name in samples:
        if not name or name in seen:
            raise InputError(f"{path}: sample '{name}' is empty or there twice, expected names that differ")
        seen.add(name)
    genes: dict[str, list[Floats]] = {}
    more: dict[str, list[Floats]] = {}
    other: dict[str, dict[str, list[Floats]]] = {}
    for label, numbers in read:
        if (quantity := wanted.more.get(plain(label))) is not None:
            more.setdefault(quantity, []).append(numbers)
        elif (gene := wanted.genes.get(symbol_of(label))) is not None:
            genes.setdefault(gene, []).append(numbers)
        elif (meant := wanted.gene(label)) is not None:
            other.setdefault(meant, {}).setdefault(label, []).append(numbers)
    called = {gene: next(iter(names)) for gene, names in other.items() if gene not in genes}
    genes |= {gene: other[gene][label] for gene, label in called.items()}
    twice = [name for name, rows in more.items() if len(rows) > 1]
    if twice:
        raise InputError(f"{path}: {twice[0]} is there {len(more[twice[0]])} times, expected once")
    stacked = {name: np.array(rows) for name, rows in genes.items()}
    return GeneExpression(
        path, tuple(samples), stacked, {name: rows[0] for name, rows in more.items()}, called, layout, totals
    )


def _numbers(texts: Sequence[str], where: str, labels: Sequence[str]) -> Floats:
    """Numbers of fields, NaN where blank; `labels` name the fields in an error."""
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        pass
    numbers = np.full(len(texts), np.nan)
    for at, text in enumerate(texts):
        try:
            if text.strip().casefold() not in BLANK:
                numbers[at] = float(text)
        except ValueError:
            column = f", column {labels[at]}" if at < len(labels) else f", field {at + 1}"
            raise InputError(f"{where}{column}: found '{text}', expected a number") from None
    return numbers


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.strip().casefold() in BLANK
    return True
