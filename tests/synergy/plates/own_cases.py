"""Our own cases for the table *input, was, is, right*: each writes a file and says what is right of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from screen.synergy.plate_scores import PlateOptions
from tests.synergy.plates.table_of_cases import CONC_1, CONC_2, REFERENCE, UM, Case, alone, pair, plate

MODELS = ("hsa", "bliss", "loewe", "zip")
Written = tuple[Path, Case, PlateOptions]
OWN: dict[str, Callable[[Path], Written]] = {}


def case(was: str, right: object = REFERENCE, blocks: int = 1, said: tuple[str, ...] = (), **options: object):  # type: ignore[no-untyped-def]
    """Register a function that writes a file into a folder, or gives the table to write."""

    def register(make):  # type: ignore[no-untyped-def]
        def write(folder: Path) -> Written:
            made = make(folder)
            path = made if isinstance(made, Path) else folder / "plate.csv"
            if not isinstance(made, Path):
                made.to_csv(path, index=False)
            use = PlateOptions(
                models=MODELS, **{k: v(folder) if callable(v) else v for k, v in options.items()}
            )
            return path, Case(was, right, blocks, said), use  # type: ignore[arg-type]

        OWN[make.__name__] = write
        return make

    return register


def raw_plate(level: float, blank: float, **more: object) -> pd.DataFrame:
    """Counts with wells without cells and DMSO wells of their own."""
    table = plate()
    table = table[(table.conc1 > 0) | (table.conc2 > 0)]
    table["response"] = (blank + level * table.response / 100).round(2)
    controls = pd.DataFrame(
        {"drug1": ["DMSO"] * 4 + ["background"] * 3, "drug2": ["DMSO"] * 4 + ["background"] * 3}
    )
    spread = np.array([-40.0, -10, 10, 40])
    controls = controls.assign(conc1=0.0, conc2=0.0, response=[*(blank + level + spread), *[blank] * 3])
    return pd.concat([table, controls], ignore_index=True).assign(**more)


@case("Bliss of 3e8 points", blocks=2, said=("raw", "3 wells without cells", "of its plate"))
def luminescence_of_two_plates_each_by_its_own_controls(_folder):
    return pd.concat([raw_plate(20_000, 300, plate="P1"), raw_plate(90_000, 900, plate="P2")])


@case("two levels pooled", said=("raw",))
def replicate_plates_of_one_block_are_normalised_each_by_its_own(_folder):
    parts = [raw_plate(20_000, 300, plate="P1"), raw_plate(90_000, 900, plate="P2")]
    return pd.concat(parts).assign(block_id="b")


@case("fractions above 1", said=("raw (column name)",))
def absorbance_by_the_name_of_its_column(_folder):
    return (
        plate(response=lambda t: t).drop(columns="response").assign(absorbance=1.37 * plate().response / 100)
    )


@case("percent of 1", said=("raw (by size)",))
def optical_densities_without_a_name(_folder):
    table = plate()
    return table.assign(response=0.42 * table.response / 100)


@case("scored", "raw values .* no untreated wells")
def counts_without_untreated_wells(_folder):
    table = plate()
    return table.assign(response=9000 * table.response)[(table.conc1 > 0) | (table.conc2 > 0)]


@case("pooled as replicates", "column 'oxygen' \\(normal, low\\)")
def a_condition_that_is_not_known(_folder):
    return pd.concat([plate(oxygen="normal"), plate(oxygen="low")])


@case("never named", said=("columns ignored: operator, note",))
def columns_that_tell_nothing_apart_are_named(_folder):
    return plate(operator="x", note="fine")


@case("pooled as replicates", blocks=2)
def lines_under_another_name(_folder):
    return pd.concat([plate(CELLNAME="ONE"), plate(CELLNAME="TWO")])


@case("pooled as replicates", {"bliss": 5.0, "time_h": np.array([24.0, 72.0])}, blocks=2)
def times_in_days(_folder):
    return pd.concat([plate().assign(**{"time (d)": 1}), plate().assign(**{"time (d)": 3})])


@case("single agents left out")
def partners_and_doses_left_blank(_folder):
    table = plate().astype({"conc1": object, "conc2": object})
    table.loc[table.conc1 == 0, ["drug1", "conc1"]] = ""
    table.loc[table.conc2 == 0, ["drug2", "conc2"]] = ""
    return table


@case("blocks of their own", said=("Mock",), vehicle=("mixture 7",))
def single_agents_in_either_order_with_a_vehicle_of_its_own_name(_folder):
    table = plate()
    both = table[(table.conc1 > 0) & (table.conc2 > 0)]
    one, two = table[(table.conc1 > 0) & (table.conc2 == 0)], table[(table.conc1 == 0) & (table.conc2 > 0)]
    two = two.assign(drug1="beta", conc1=two.conc2, drug2="Mixture 7", conc2=0)
    none = table[(table.conc1 == 0) & (table.conc2 == 0)].assign(drug1="Mock", drug2="Mixture-7")
    swapped = both.assign(drug1="beta", drug2="alpha", conc1=both.conc2, conc2=both.conc1)
    half = len(both) // 2
    return pd.concat([both[:half], swapped[half:], one.assign(drug2="Mixture 7"), two, none])


@case("no single-agent wells", blocks=2)
def single_agents_shared_by_two_blocks(_folder):
    table = plate()
    both = table[(table.conc1 > 0) & (table.conc2 > 0)]
    one = table[table.conc2 == 0].assign(drug2="vehicle")
    two = table[(table.conc1 == 0) & (table.conc2 > 0)].assign(drug1="control")
    third = two.assign(drug2="gamma")
    return pd.concat([both, both.assign(drug2="gamma"), one, two, third])


@case("decimal commas beside thousands", REFERENCE | {"ic50_1": 1200.0})
def german_numbers(folder: Path):
    table = plate()
    texts = pd.DataFrame({name: table[name] for name in ("drug1", "drug2")})
    texts["conc1"] = [
        f"{100 * dose:,.1f}".replace(",", "x").replace(".", ",").replace("x", ".") for dose in table.conc1
    ]
    texts["conc2"] = table.conc2.map(lambda dose: f"{dose:g}")
    texts["response"] = table.response.map(lambda y: f"{y:.4f}".replace(".", ","))
    texts.to_csv(folder / "plate.csv", sep=";", index=False)
    return folder / "plate.csv"


@case("left out as no numbers", REFERENCE | {"ic50_1": 12_000.0})
def units_in_the_cells(_folder):
    table = plate()
    small = table.conc1.map(lambda dose: f"{1000 * dose:g} nM" if dose < 10 else f"{dose:g} uM")
    return table.assign(conc1=small, conc2=table.conc2.map(lambda dose: f"{dose:g} nM"))


@case("passed on as they are", UM)
def units_in_words(_folder):
    return plate(conc_unit1="micromolar", conc_unit2="umol/l")


@case("passed on as they are", "unknown unit 'furlong'")
def a_unit_that_is_none(_folder):
    return plate(conc_unit="furlong")


@case("1 uM taken as untreated", "logarithms of doses")
def logarithms_of_doses(_folder):
    table = plate()
    with np.errstate(divide="ignore"):
        return table.assign(conc1=np.log10(table.conc1 / 50).replace(-np.inf, -4), conc2=table.conc2)


@case("1 uM taken as untreated", "logarithms of doses")
def logarithms_by_name(_folder):
    return plate().rename(columns={"conc1": "conc1 (log10 M)"})


@case("99 doses for 4", {"bliss": 5.0, "hsa": 12.516, "doses_row": 5, "doses_col": 5}, said=("taken as one",))
def dispensed_doses_beside_nominal_ones(_folder):
    table = plate()
    shake = 1 + 0.01 * np.sin(np.arange(len(table)))
    return table.assign(conc1=table.conc1 * shake, conc2=table.conc2 / shake)


@case("two pairs", said=("'Alpha' is 'alpha' too", "'BETA' is 'be ta' too"))
def names_that_differ_by_case_and_spaces(_folder):
    rows = np.arange(25)
    return plate(drug1=np.where(rows % 2, "alpha", "Alpha"), drug2=np.where(rows % 3, "be ta", "BETA"))


@case("HSA of the few on the grid", {"bliss": 5.0, "bliss_wells": 7}, said=("cross",))
def a_cross(_folder):
    table = plate()
    return table[(table.conc1 == 0) | (table.conc2 == 0) | (table.conc1 == 8) | (table.conc2 == 5)]


@case("63 s and 1.3 GB", {"bliss": 5.0, "bliss_wells": 400}, said=("scattered", "curves stand in"))
def scattered_doses(_folder):
    random = np.random.default_rng(3)
    d1, d2 = 10 ** random.uniform(-0.5, 2.2, 400), 10 ** random.uniform(-0.5, 2.2, 400)
    wells = pd.DataFrame({"conc1": d1, "conc2": d2, "response": 100 * pair(d1, d2)})
    single = plate()
    single = single[(single.conc1 == 0) | (single.conc2 == 0)]
    return pd.concat([single[["conc1", "conc2", "response"]], wells])


@case(
    "every other well 'missing'", {"bliss": 5.0, "bliss_wells": 9, "zip_wells": 9}, said=("at other doses",)
)
def a_grid_with_single_agents_at_other_doses(_folder):
    single = plate()
    single = single[(single.conc1 == 0) | (single.conc2 == 0)]
    d1, d2 = (grid.ravel() for grid in np.meshgrid([4.0, 15, 60], [2.0, 10, 50], indexing="ij"))
    wells = pd.DataFrame({"conc1": d1, "conc2": d2, "response": 100 * pair(d1, d2)})
    return pd.concat([single[["conc1", "conc2", "response"]], wells])


@case("not a table")
def utf_16_with_a_line_that_names_the_separator(folder: Path):
    text = "sep=;\n" + plate().to_csv(index=False, sep=";")
    (folder / "plate.csv").write_text(text, encoding="utf-16")
    return folder / "plate.csv"


@case("refused", UM)
def title_lines_comments_and_a_head_in_two_rows(folder: Path):
    table = plate()
    lines = [
        "Screen of May,,,,,",
        "# read by AB,,,,,",
        ",,,,,",
        "Drug 1,,Drug 2,,,",
        "name,conc (uM),name,conc (uM),,Viability (%)",
    ]
    rows = zip(table.drug1, table.conc1, table.drug2, table.conc2, table.response)
    lines += [f"{a},{x:g},{b},{y:g},,{v:.4f}" for a, x, b, y, v in rows]
    (folder / "plate.csv").write_text("\n".join(lines) + "\n")
    return folder / "plate.csv"


@case("a fraction by size: Bliss 41.8", {"hsa": 0.422, "bliss": 0.300}, said=("% sign",))
def small_inhibition_with_a_percent_sign(_folder):
    table = plate()
    x, y = 100 * (1 - alone(table.conc1, 9000)), 100 * (1 - alone(table.conc2, 12_000))
    extra = 0.3 * ((table.conc1 > 0) & (table.conc2 > 0))
    value = x + y - x * y / 100 + extra
    return table.drop(columns="response").assign(**{"% inhibition": value})


@case("a fraction by size without a word", {}, said=("fractions by size alone",))
def inhibition_below_one_might_be_percent(_folder):
    table = plate()
    return table.assign(response=0.9 * (1 - table.response / 100))


@case("a fraction by size: hundredfold", {"bliss": 0.05}, scale="percent", response="inhibition")
def a_scale_that_is_given(_folder):
    table = plate()
    one, two = 1 - alone(table.conc1, 12), 1 - alone(table.conc2, 9)
    both = (table.conc1 > 0) & (table.conc2 > 0)
    return table.assign(response=one + two - one * two / 100 + 0.05 * both)


@case("one column read, the others passed over", {"bliss": 5.0, "replicates": 3})
def replicates_side_by_side(_folder):
    table = plate().rename(columns={"response": "viability1"})
    return table.assign(viability2=table.viability1 + 1, viability3=table.viability1 - 1)


@case("refused", REFERENCE, map=lambda folder: folder / "map.csv", said=("map: 29 wells", "raw"))
def a_readers_block_with_a_map(folder: Path):
    table = plate()
    values = np.full(96, np.nan)
    values[:25], values[25:29] = 12_000 * table.response / 100, [11_990, 12_010, 12_000, 12_000]
    rows = ["Plate reader X", "", "," + ",".join(str(k) for k in range(1, 13))]
    for k in range(8):
        cells = ["" if np.isnan(v) else f"{v:.1f}" for v in values[12 * k : 12 * k + 12]]
        rows.append(f"{'ABCDEFGH'[k]}," + ",".join(cells))
    (folder / "reader.csv").write_text("\n".join(rows) + "\n")
    well = [f"{'ABCDEFGH'[k // 12]}{k % 12 + 1:02d}" for k in range(29)]
    control = pd.DataFrame({"drug1": ["DMSO"] * 4, "drug2": "DMSO", "conc1": 0.0, "conc2": 0.0})
    mapped = pd.concat([table.drop(columns="response"), control], ignore_index=True)
    mapped.assign(well=well).to_csv(folder / "map.csv", index=False)
    return folder / "reader.csv"


@case("refused", UM)
def a_combenefit_sheet(folder: Path):
    table = plate().pivot_table(index="conc1", columns="conc2", values="response")
    lines = ["," + ",".join(f"{dose:g}" for dose in CONC_2)]
    lines += [f"{dose:g}," + ",".join(f"{y:.4f}" for y in row) for dose, row in zip(CONC_1, table.to_numpy())]
    lines += ["Agent1,alpha", "Agent2,beta", "Unit1,uM", "Unit2,uM", "Title,first"]
    (folder / "plate.csv").write_text("\n".join(lines) + "\n")
    return folder / "plate.csv"


@case("refused", {"bliss": 5.0}, said=("ONE",))
def the_long_table_of_gdr(_folder):
    table = plate()
    names = {"drug1": "DrugName", "conc1": "Concentration", "drug2": "DrugName_2", "conc2": "Concentration_2"}
    table = table.rename(columns=names).assign(CellLineName="ONE", Duration=72)
    table["ReadoutValue"] = 5000 * table.pop("response")
    table.loc[table.Concentration == 0, "DrugName"] = "vehicle"
    table.loc[table.Concentration_2 == 0, "DrugName_2"] = "vehicle"
    return table


@case("Bliss of two negative numbers", {"bliss": 0.0}, said=("gr",), response="gr")
def gr_values_by_the_option(_folder):
    table = plate()
    one, two = 2 * alone(table.conc1, 12) - 1, 2 * alone(table.conc2, 9) - 1
    both = np.where((one < 0) | (two < 0), np.minimum(one, two), one * two)
    return table.assign(response=both)


@case("inhibition by the level of dead wells", {"bliss": 5.0}, said=("do not fit a response that falls",))
def untreated_wells_that_died_turn_nothing_round(_folder):
    table = plate()
    table.loc[(table.conc1 == 0) & (table.conc2 == 0), "response"] = 3.0
    return table


@case("0 uM on a log scale taken as untreated", {}, said=("if they are logarithms",))
def logarithms_above_zero(_folder):
    table = plate()
    steps = {dose: float(k) for k, dose in enumerate(CONC_1)}
    return table.assign(conc1=table.conc1.map(steps))


@case("a block of its own order", REFERENCE)
def drug_b_listed_first_among_single_agents(_folder):
    table = plate()
    two = table[(table.conc1 == 0) & (table.conc2 > 0)]
    two = two.assign(drug1="beta", drug2="alpha", conc1=two.conc2, conc2=0.0)
    return pd.concat([two, table[(table.conc1 > 0) | (table.conc2 == 0)]])


@case("no column 'conc_r'", "expected --map FILE")
def a_readers_export_without_its_map(_folder):
    return pd.DataFrame({"Well": [f"A{k}" for k in range(1, 13)], "Luminescence": range(12)})


@case("24 and 25 are one dose", {"bliss": 5.0, "bliss_wells": 12}, said=("rays",))
def rays_whose_doses_come_close(_folder):
    table = plate()
    steps = np.array([2.0, 8, 30, 120])
    rays = [(steps * a, steps * b) for a, b in ((1, 0.2), (0.5, 0.5), (0.3, 1))]
    d1, d2 = (np.concatenate(part) for part in zip(*rays))
    wells = pd.DataFrame(
        {"drug1": "alpha", "drug2": "beta", "conc1": d1, "conc2": d2, "response": 100 * pair(d1, d2)}
    )
    return pd.concat([table[(table.conc1 == 0) | (table.conc2 == 0)], wells])


@case(
    "a block without single agents",
    {"bliss": 5.0},
    blocks=2,
    said=("single-agent or vehicle wells are those",),
)
def single_agents_named_under_another_pair(_folder):
    table = plate()
    other = table[table.conc2 > 0].assign(drug2="gamma")
    return pd.concat([table, other[(other.conc1 > 0) | (other.conc2 > 0)]])


@case(
    "time 0 taken as a vehicle",
    {"bliss": 0.0},
    said=("GR values from 2 wells at time 0", "gr"),
    response="gr",
)
def gr_values_of_counts_with_wells_at_time_0(_folder):
    table = plate()
    one, two = 2 * alone(table.conc1, 12) - 1, 2 * alone(table.conc2, 9) - 1
    both = np.where((one < 0) | (two < 0), np.minimum(one, two), one * two)
    table = table.assign(response=1000 * 8.0 ** np.log2(both + 1), role="sample")
    start = pd.DataFrame({"response": [990.0, 1010], "conc1": 0.0, "conc2": 0.0, "role": "time0"})
    return pd.concat([table, start])


@case("divided as counts", {"bliss": 0.0}, said=("GR values from growth rates",), response="gr")
def gr_values_of_growth_rates(_folder):
    table = plate()
    one, two = 2 * alone(table.conc1, 12) - 1, 2 * alone(table.conc2, 9) - 1
    both = np.where((one < 0) | (two < 0), np.minimum(one, two), one * two)
    return table.drop(columns="response").assign(growth_rate=0.04 * np.log2(both + 1))


@case("1 - 90 of a fraction", "said to be inhibition", response="inhibition")
def counts_said_to_be_inhibition(_folder):
    table = plate()
    return table.assign(response=90 * table.response)


@case("refused", UM, map=lambda folder: folder / "d300.csv", said=("raw",))
def a_readers_list_with_the_list_of_a_dispenser(folder: Path):
    table = plate()
    wells = [f"{'ABC'[k // 12]}{k % 12 + 1}" for k in range(25)]
    pd.DataFrame({"Well": wells, "RLU": 500 * table.response}).to_csv(folder / "reader.csv", index=False)
    rows = ["D300 report", "", "Dispensed well,Fluid name,Dispensed conc.,Conc. units"]
    for well, one, two in zip(wells, table.conc1, table.conc2):
        rows += [f"{well},DMSO normalization,0.5,%"]
        rows += [f"{well},{name},{dose:g},uM" for name, dose in (("alpha", one), ("beta", two)) if dose > 0]
    rows[3:3] = ["B5,alpha,0,uM"]
    (folder / "d300.csv").write_text("\n".join(rows) + "\n")
    return folder / "reader.csv"
