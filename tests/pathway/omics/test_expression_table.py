"""Users' tables of expression as the public sources write them: 18,000 genes, of which the map's are kept."""

import gzip
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from screen.errors import InputError
from screen.pathway import load_pathway
from screen.pathway.omics import expression_file, matrix_file
from screen.pathway.omics.entity_map import load_omics_map
from screen.pathway.omics.expression_file import WantedGenes, read_expression, symbol_of
from screen.pathway.omics.expression_table import expression_lines
from screen.pathway.omics.gene_aliases import load_gene_aliases
from screen.pathway.omics.levels import load_measured

PATHWAY = load_pathway()
OMICS = load_omics_map().of(PATHWAY.entities)
EXPONENT = {name: group.exponent for name, group in OMICS.groups.items()}
SYMBOLS = sorted({symbol for entity in OMICS.entities.values() for symbol in entity.symbols})
SAMPLES = [f"S-{k}" for k in range(10)]
GENES = 18_000


def amounts(samples: int = len(SAMPLES), seed: int = 0) -> pd.DataFrame:
    """Made-up TPM (sample, gene), all genes of one size about 30 but for the sample's own noise."""
    random = np.random.default_rng(seed)
    names = [f"GENE{k}" for k in range(GENES - len(SYMBOLS))] + SYMBOLS
    table = np.round(30 * np.exp(0.6 * random.standard_normal((samples, GENES))), 3)
    return pd.DataFrame(table, SAMPLES[:samples], random.permutation(names).tolist())


TPM = amounts()


def fold(gene: str, sample: str, table: pd.DataFrame = TPM) -> float:
    """ln of the amount relative to the table's geometric mean over all samples, at 0.1 added."""
    logs = np.log(table[gene] + 0.1)
    return float(logs[sample] - logs.mean())


def expected(sample: str) -> dict[str, float]:
    return {
        "HER2": math.exp(EXPONENT["receptor"] * fold("ERBB2", sample)),
        "PTEN": math.exp(EXPONENT["pten"] * fold("PTEN", sample)),
        "IGF2": math.exp(EXPONENT["ligand"] * fold("IGF2", sample)),
        "miR128": 1.0,
    }


def agrees(found: dict[str, float], wanted: dict[str, float], rtol: float = 1e-3) -> None:
    np.testing.assert_allclose([found[name] for name in wanted], list(wanted.values()), rtol=rtol)


def ccle(path: Path) -> Path:
    """Models in rows, `ERBB2 (2064)` in columns, log2(TPM + 1)."""
    table = np.log2(TPM + 1).round(6)
    table.columns = [f"{gene} ({2000 + k})" for k, gene in enumerate(TPM.columns)]
    table.to_csv(path)
    return path


def tcga(path: Path) -> Path:
    """Genes in rows under `sample`, tab-separated, compressed."""
    table = np.log2(TPM.T + 1).round(6)
    table.index.name = "sample"
    with gzip.open(path, "wt") as file:
        table.to_csv(file, sep="\t")
    return path


def metabric(path: Path, values: pd.DataFrame) -> Path:
    """cBioPortal's: Hugo_Symbol, Entrez_Gene_Id, samples; a comment above."""
    table = values.T
    table.insert(0, "Entrez_Gene_Id", range(1, len(table) + 1))
    table.index.name = "Hugo_Symbol"
    path.write_text("#a comment\n" + table.to_csv(sep="\t"))
    return path


@pytest.mark.slow
def test_a_table_as_ccle_writes_it(tmp_path: Path) -> None:
    found = expression_lines(PATHWAY, ccle(tmp_path / "OmicsExpression.csv"), panel="own")
    assert [line.name for line in found.lines] == SAMPLES
    agrees(dict(found.lines[3].values), expected("S-3"))
    summed = TPM[["AKT1", "AKT2", "AKT3"]].sum(axis=1).to_frame("AKT")
    agrees(dict(found.lines[3].values), {"AKT": math.exp(EXPONENT["pi3k"] * fold("AKT", "S-3", summed))})
    for words in (
        "genes in columns",
        "log2(x + 1)",
        "by its values",
        "mean over all 10 samples",
        "no gene missing",
    ):
        assert words in found.said
    assert found.lines[0].source == found.said


@pytest.mark.slow
def test_a_table_as_tcga_writes_it_says_the_same(tmp_path: Path) -> None:
    one = expression_lines(PATHWAY, tcga(tmp_path / "HiSeqV2.gz"), panel="own")
    other = expression_lines(PATHWAY, ccle(tmp_path / "ccle.csv"), panel="own")
    assert "genes in rows" in one.said
    for left, right in zip(one.lines, other.lines):
        agrees(dict(left.values), dict(right.values), rtol=1e-9)


@pytest.mark.slow
def test_z_scores_as_metabric_has_them_take_their_width_from_the_panel(tmp_path: Path) -> None:
    logs = np.log2(TPM)
    scores = ((logs - logs.mean()) / logs.std()).round(6)
    found = expression_lines(PATHWAY, metabric(tmp_path / "data_mrna.txt", scores))
    measured = load_measured()
    her2 = [value for line, value in zip(measured.lines, measured.features["ERBB2"]) if line != "MCF10A"]
    width = math.log(2) * np.std(her2, ddof=1)
    assert "zscore" in found.said
    wanted = math.exp(EXPONENT["receptor"] * width * scores.loc["S-2", "ERBB2"])
    agrees(dict(found.lines[2].values), {"HER2": wanted})


@pytest.mark.slow
def test_log_intensities_as_metabric_has_them(tmp_path: Path) -> None:
    found = expression_lines(
        PATHWAY, metabric(tmp_path / "data_mrna.txt", np.log2(TPM + 1).round(6)), panel="own"
    )
    agrees(dict(found.lines[4].values), expected("S-4"))


@pytest.mark.slow
def test_counts_become_counts_per_million_of_all_genes(tmp_path: Path) -> None:
    depth = pd.Series(np.linspace(1, 30, len(SAMPLES)), SAMPLES)
    counts = (TPM.mul(depth, axis=0) * 100).round()
    counts.to_csv(tmp_path / "columns.csv")
    counts.T.to_csv(tmp_path / "rows.tsv", sep="\t", index_label="Geneid")
    per_million = counts.div(counts.sum(axis=1), axis=0) * 1e6
    for name in ("columns.csv", "rows.tsv"):
        found = expression_lines(PATHWAY, tmp_path / name, panel="own")
        assert "counts, made CPM" in found.said
        wanted = math.exp(EXPONENT["pten"] * fold("PTEN", "S-9", per_million))
        agrees(dict(found.lines[9].values), {"PTEN": wanted}, rtol=1e-9)


@pytest.mark.slow
def test_parquet_either_way_round(tmp_path: Path) -> None:
    logs = np.log2(TPM + 1).round(6)
    logs.to_parquet(tmp_path / "columns.parquet")
    logs.T.reset_index(names="Hugo_Symbol").to_parquet(tmp_path / "rows.parquet")
    for name in ("columns.parquet", "rows.parquet"):
        found = expression_lines(PATHWAY, tmp_path / name, panel="own")
        agrees(dict(found.lines[3].values), expected("S-3"))


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["columns", "rows"])
def test_of_18000_genes_only_those_of_the_map_become_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    path = ccle(tmp_path / "a.csv") if layout == "columns" else tcga(tmp_path / "a.gz")
    made = []
    numbers = expression_file._numbers
    monkeypatch.setattr(
        expression_file, "_numbers", lambda texts, *more: (made.append(len(texts)), numbers(texts, *more))[1]
    )
    read = read_expression(path, WantedGenes.of(SYMBOLS))
    assert set(read.genes) == set(SYMBOLS)
    assert sum(made) == len(SYMBOLS) * len(SAMPLES)


def test_symbols_in_any_dress() -> None:
    assert {symbol_of(label) for label in ("ERBB2 (2064)", "ERBB2|2064", '"erbb2"', " ERBB2 ")} == {"ERBB2"}


def small(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


PANEL = load_measured()


def of_panel(path: Path, shift: float, lines: list[str]) -> Path:
    """The shipped panel's own RNA of single genes, `shift` higher, as a user's table with negative logarithms."""
    rows = [",".join(["", *lines])]
    for gene in SYMBOLS:
        if gene in PANEL.features:
            values = (PANEL.features[gene][PANEL.lines.index(line)] + shift for line in lines)
            rows.append(",".join([gene, *(f"{value:.5f}" for value in values)]))
    return small(path, "\n".join(rows) + "\n")


def test_a_small_table_is_compared_with_the_panel_after_the_platforms_shift(tmp_path: Path) -> None:
    near = expression_lines(PATHWAY, of_panel(tmp_path / "a.csv", 0.0, ["SKBR3", "HCC1954", "BT474"]))
    far = expression_lines(PATHWAY, of_panel(tmp_path / "b.csv", 2.5, ["SKBR3", "HCC1954", "BT474"]))
    assert "the shipped panel's HER2-amplified lines, platform shift" in far.said
    for one, other in zip(near.lines, far.lines):
        agrees(dict(other.values), dict(one.values), rtol=1e-4)
    her2 = PANEL.features["ERBB2"]
    one, two = (her2[PANEL.lines.index(line)] for line in ("SKBR3", "HCC1954"))
    ratio = far.lines[1].values["HER2"] / far.lines[0].values["HER2"]
    assert math.isclose(ratio, 2 ** (EXPONENT["receptor"] * (two - one)), rel_tol=1e-4)


def test_a_cohort_is_compared_with_its_her2_amplified_samples(tmp_path: Path) -> None:
    lines = list(PANEL.lines)
    found = expression_lines(PATHWAY, of_panel(tmp_path / "a.csv", 1.0, lines))
    assert "its 18 samples of 19" in found.said
    relative = PANEL.relative(PANEL.features["ERBB2"])
    for line, level in zip(found.lines, relative):
        assert math.isclose(line.values["HER2"], math.exp(EXPONENT["receptor"] * level), rel_tol=1e-3)
    forced = expression_lines(PATHWAY, tmp_path / "a.csv", panel="own")
    assert "all 19 samples" in forced.said
    assert forced.lines[0].values["HER2"] > found.lines[0].values["HER2"]


def test_what_is_missing_is_named_and_stays_at_the_reference(tmp_path: Path) -> None:
    path = small(tmp_path / "a.csv", "x,ERBB2,IGF1R\na,9.5,2.5\nb,11.25,NA\n")
    found = expression_lines(PATHWAY, path)
    assert "PTEN" in found.said.split("missing: ")[1]
    assert found.lines[0].values["PTEN"] == 1.0
    assert found.lines[1].values["IGF1R"] == 1.0
    omics = found.lines[1].omics
    assert omics is not None
    known = dict(zip(omics.prior.entities, omics.known))
    assert (known["HER2"], known["IGF1R"], known["PTEN"]) == (True, False, False)


def test_duplicates_are_added_up_but_not_z_scores(tmp_path: Path) -> None:
    rows = "gene,a,b\nERBB2,{},{}\nERBB2,{},{}\nIGF1R,5.5,70.5\n"
    one = expression_lines(PATHWAY, small(tmp_path / "a.csv", rows.format(10, 60, 30.5, 20)), panel="own")
    ratio = one.lines[1].values["HER2"] / one.lines[0].values["HER2"]
    assert math.isclose(ratio, (80.1 / 40.6) ** EXPONENT["receptor"], rel_tol=1e-9)
    scores = small(tmp_path / "b.csv", "gene,a,b\nERBB2,-1.5,1\nERBB2,1.2,0\nIGF1R,-0.3,0.1\n")
    with pytest.raises(InputError, match="ERBB2 is there 2 times, and z-scores cannot be added up"):
        expression_lines(PATHWAY, scores)


def test_mutations_and_doubling_times_are_read_from_the_same_table(tmp_path: Path) -> None:
    path = small(
        tmp_path / "a.csv",
        "sample,ERBB2,IGF1R,PIK3CA_H1047R,p95HER2,doubling_h\na,9.5,2.5,1,,80\nb,10.5,3,0,0.2,\n",
    )
    one, other = expression_lines(PATHWAY, path).lines
    assert one.values["PIK3CA_H1047R"] == 1
    assert "p95HER2" not in one.values
    assert one.doubling_h == 80
    assert math.isclose(one.values["k_birth"], PATHWAY.parameters["k_birth"].value * 50 / 80)
    assert other.values["p95HER2"] == 0.2
    assert "k_birth" not in other.values
    across = small(tmp_path / "b.csv", "gene,a,b\nERBB2,9.5,10.5\nIGF1R,2.5,3\nPIK3CA_H1047R,1,0\n")
    assert expression_lines(PATHWAY, across).lines[0].values["PIK3CA_H1047R"] == 1


@pytest.mark.slow
def test_chosen_samples_have_the_whole_tables_reference(tmp_path: Path) -> None:
    path = ccle(tmp_path / "a.csv")
    found = expression_lines(PATHWAY, path, panel="own", chosen=["s7", "S-3"], prefix="mine-")
    assert [line.name for line in found.lines] == ["mine-S-7", "mine-S-3"]
    agrees(dict(found.lines[1].values), expected("S-3"))


def test_depmaps_extra_columns_and_other_headers_are_understood(tmp_path: Path) -> None:
    path = small(
        tmp_path / "a.csv",
        ",SequencingID,ModelID,IsDefaultEntryForModel,ERBB2 (2064),IGF1R (3480)\n"
        "0,CDS-1,ACH-1,Yes,9.5,2.5\n1,CDS-2,ACH-1,No,1.5,1.5\n2,CDS-3,ACH-2,Yes,9.5,3.5\n",
    )
    assert [line.name for line in expression_lines(PATHWAY, path).lines] == ["ACH-1", "ACH-2"]
    gct = small(
        tmp_path / "b.gct",
        "#1.2\n2\t2\nName\tDescription\ta\tb\nENSG1\tERBB2\t9.5\t8.5\nENSG2\tPTEN\t3.5\t4.5\n",
    )
    assert [line.name for line in expression_lines(PATHWAY, gct).lines] == ["a", "b"]
    by_r = small(tmp_path / "c.tsv", '"a"\t"b"\n"ERBB2"\t9.5\t8.5\n"PTEN"\t3.5\t4.5\n')
    assert [line.name for line in expression_lines(PATHWAY, by_r).lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty, expected a table"),
        ("x,ERBB2\na,high\n", r"line 2 \(a\), column ERBB2: found 'high', expected a number"),
        ("gene,a,b\nERBB2,9.5,oops\n", r"line 2 \(ERBB2\), column b: found 'oops', expected a number"),
        ("x,ERBB2\na,9.5\nb,9.5,3\n", "line 3: found 3 fields, expected 2"),
        ("gene,a\nENSG00000141736,9.5\n", r"found no genes \(a, ... in the header, ENSG00000141736, ..."),
        (
            "gene,a\nENSG00000141736.12,9.5\n",
            "identifiers of Ensembl are not read: put the symbols in their place",
        ),
        ("gene,a\n2064,9.5\n3480,2.5\n", "identifiers of Entrez are not read"),
        ("x,ERBB2\na,9.5\na,8.5\n", "sample 'a' is empty or there twice"),
        ("x,ERBB2\na,-40.5\n", "found values from -40.5 to -40.5, expected logarithms"),
        ("x,ERBB2\na,5\nb,7\n", "found whole numbers from 5 to 7 only"),
        ("x,ERBB2\na,500\nb,700\n", "found counts of 1 genes, expected at least 1000"),
        ("x,ERBB2\na,\n", "blank throughout"),
        ("x,ERBB2\na,inf\n", "found an infinite value"),
        ("x,ERBB2,PIK3CA_H1047R\na,9.5,-1\n", "a: PIK3CA_H1047R is -1, expected 0 or more"),
        ("x,ERBB2,doubling_h\na,9.5,0\n", "a: doubling_h is 0, expected more than 0"),
        ("ERBB2,x\n9.5,a\n", "found ERBB2 in the first column, expected names of samples"),
    ],
)
def test_bad_tables_are_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        expression_lines(PATHWAY, small(tmp_path / "bad.csv", text))
    assert "bad.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_stated_unit_is_held_to_what_it_can_be(tmp_path: Path) -> None:
    path = small(tmp_path / "a.csv", "x,ERBB2,PTEN\na,500,20\nb,700,30\n")
    assert "tpm (not logarithms; stated)" in expression_lines(PATHWAY, path, unit="tpm").said
    with pytest.raises(InputError, match="found 700, expected log2_tpm of at most 50"):
        expression_lines(PATHWAY, path, unit="log2_tpm")
    with pytest.raises(InputError, match="found no sample 'c' among 2"):
        expression_lines(PATHWAY, path, unit="tpm", chosen=["c"])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: cannot be read as a table \(no such file"):
        matrix_file.open_matrix(tmp_path / "none.csv")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x,ERBB2\n" + b"a,9.5\n" * 9999)[:-20])
    with pytest.raises(InputError, match=r"cut\.gz: cannot be read"):
        expression_lines(PATHWAY, tmp_path / "cut.gz")
    (tmp_path / "no.parquet").write_text("text")
    with pytest.raises(InputError, match=r"no\.parquet: cannot be read as a table"):
        expression_lines(PATHWAY, tmp_path / "no.parquet")


def test_other_names_of_genes_are_read_where_the_symbol_is_not_there(tmp_path: Path) -> None:
    by_symbol = "gene,a,b\nERBB2,9.5,8.5\nMTOR,4.5,3.5\nFOXO3,2.5,3\n"
    named = by_symbol.replace("ERBB2", "HER-2").replace("MTOR", "FRAP1").replace("FOXO3", "foxo3a")
    one = expression_lines(PATHWAY, small(tmp_path / "a.csv", by_symbol))
    other = expression_lines(PATHWAY, small(tmp_path / "b.csv", named))
    for left, right in zip(one.lines, other.lines):
        agrees(dict(left.values), dict(right.values), rtol=1e-12)
    assert "HER-2 is ERBB2, FRAP1 is MTOR, foxo3a is FOXO3" in other.said
    both = expression_lines(PATHWAY, small(tmp_path / "c.csv", by_symbol + "HER2,1.5,30.5\nPDK1,3,3\n"))
    agrees(dict(both.lines[1].values), dict(one.lines[1].values), rtol=1e-12)
    across = expression_lines(PATHWAY, small(tmp_path / "d.csv", "sample,HER2\na,9.5\nb,8.5\n"))
    assert across.lines[0].values["HER2"] > across.lines[1].values["HER2"]
    assert not set(load_gene_aliases(SYMBOLS)) & {symbol.lower() for symbol in SYMBOLS}


def test_columns_that_describe_genes_are_no_samples(tmp_path: Path) -> None:
    text = "gene_id\ttranscript_id(s)\tGene Symbol\ta\tb\nENSG1\tENST1,ENST2\tERBB2\t9.5\t8.5\n"
    assert [one.name for one in expression_lines(PATHWAY, small(tmp_path / "a.tsv", text)).lines] == [
        "a",
        "b",
    ]
