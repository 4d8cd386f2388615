"""The cube's schema: every group and variable with its dimensions, unit, sign and meaning, once. Writers, readers and
the reference in the docs take them from here; what a model, a readout or a panel calls its own fills the places in
braces. Dimensions in brackets are there only when asked for.
"""

from typing import Any

from screen.cube.spec import GroupSpec, VariableSpec

POINTS = "percent points of inhibition"
SIGN = "positive = synergy"
ENDS = {"mean": "mean", "low": "5 % quantile", "high": "95 % quantile", "median": "median"}
"""What an ensemble adds to a number, by the end of its name."""
QUANTILES = {"low": 0.05, "high": 0.95}
MEDIAN = {"median": 0.5}
ORDINALS = ("first", "second", "third")

LINE_PAIR = "cell_line combination [schedule]"
WELL = f"{LINE_PAIR} dose_1 dose_2 [dose_3]"
RESPONSE = f"{WELL} time"
SUMMARY = f"{LINE_PAIR} time"
SCORE = f"{LINE_PAIR} [dose_1] [dose_2] [dose_3] time"
ENDED = "how the simulation ended"

Row = VariableSpec
COORDINATES = (
    Row("cell_line", "cell_line", "", "cell line"),
    Row("combination", "combination", "", "drug combination"),
    Row("drug_{k}", "combination", "", "{ordinal} drug"),
    Row("concentration_{k}", "[cell_line] combination dose_{k}", "nM", "concentration of drug {k}"),
    Row("schedule", "schedule", "", "when the drugs are given"),
    Row("exposure_{k}", "combination schedule", "1", "row of /schedules by which drug {k} is given"),
    Row("ray", "ray", "1", "dose of drug 2 relative to the step of its own that drug 1 is at"),
    Row("time", "time", "h", "assay time after dosing"),
)
"""Every group that has one of their dimensions repeats them."""

RESPONSES = (
    *COORDINATES,
    Row("status", WELL, "", ENDED),
    Row("draws_failed", WELL, "1", "draws whose simulation failed, left out of mean, quantiles and scores"),
    Row("{readout}_{end}", RESPONSE, "{units}", "{label}, {quantile} over {draws} draws"),
    Row("{readout}", RESPONSE, "{units}", "{label}"),
)
ROOT = GroupSpec("", "pairs of drugs: what was simulated", RESPONSES)
TRIPLES = GroupSpec("triples", "three-drug combinations: the same with a third dose", RESPONSES)

_EXCESS = (
    Row("{model}_beyond_excess", RESPONSE, POINTS, "excess over {null} beyond what the pairs explain", SIGN),
    Row("{model}_excess", RESPONSE, POINTS, "excess over {null}", SIGN),
    Row("{model}_beyond", SUMMARY, POINTS, "mean excess over {null} beyond what the pairs explain", SIGN),
    Row("{model}_max", SUMMARY, POINTS, "best {window} window of excess over {null}", SIGN),
    Row("{model}_reason", SUMMARY, "", "why the excess over {null} is absent or limited"),
    Row("{model}", SUMMARY, POINTS, "mean excess over {null}", SIGN),
)
_INTERVALS = (
    Row(
        "{model}_probability",
        SUMMARY,
        "1",
        "probability of synergy: share of {draws} draws whose {title} is above 0",
    ),
    Row("{score}_{end}", SCORE, "{units}", "{title}, {quantile} over {draws} draws"),
)
_MEAN_ERROR = "standard deviation of the mean excess over Bliss independence for the wells not simulated"
_AT_HALF = "along the ray at which half the cells are left"
SCORES = GroupSpec(
    "scores",
    "what the synergy models say of one readout, named by the attribute `readout`",
    (
        *COORDINATES,
        Row("mean_error", SUMMARY, POINTS, _MEAN_ERROR),
        Row(
            "ray_ci50",
            f"{SUMMARY} ray",
            "1",
            "Loewe combination index at half the cells along the ray, below 1 = synergy",
        ),
        Row("ray_ic50_{k}", f"{SUMMARY} ray", "nM", f"dose of drug {{k}} {_AT_HALF}"),
        Row("ray_{model}", f"{SUMMARY} ray", POINTS, "mean excess of {model} along the ray", SIGN),
        *_EXCESS,
        *_INTERVALS,
        Row("{quantity}", SUMMARY, "{units}", "{quantity}: {meaning}"),
    ),
)
ENSEMBLE = GroupSpec(
    "ensemble",
    "the draws themselves, where the configuration keeps them",
    (
        Row("draw", "draw", "", "row of the table of draws"),
        *COORDINATES,
        Row("status", f"{WELL} draw", "", ENDED),
        Row("{model}", f"{SUMMARY} draw", POINTS, "mean excess over {null}", SIGN),
        Row("{readout}", f"{RESPONSE} draw", "{units}", "{label}"),
    ),
)
REPLICATES = GroupSpec(
    "replicates",
    "viability as virtual plates have it; the attribute `noise` says how noisy they are",
    (
        Row("replicate", "replicate", "", "virtual plate"),
        *COORDINATES,
        Row("viability", f"{RESPONSE} replicate", "1", "viability as measured on virtual plates"),
    ),
)
_ANSWERS = f"{LINE_PAIR} time"
_ALONE_1 = "viability with drug 1 alone at its reference dose"
_ALONE_2 = "viability with drug 2 alone at its reference dose"
_BOTH = "viability with both drugs at their reference doses"
_COMPARED = "viability of the line that others are compared with, with drug 1 alone at its reference dose"
_COMPARED_DIMS = "reference_line combination [schedule] time"
REFERENCE = GroupSpec(
    "reference",
    "the wells that the answer is read from, and the lines that others are compared with",
    (
        Row("draw", "draw", "", "row of the table of draws"),
        *COORDINATES,
        Row("reference_line", "reference_line", "", "line that others are compared with"),
        Row("compared_with", "cell_line", "", "the line's parent; without one the pathway's reference line"),
        Row("reference_dose_{k}", "combination", "nM", "dose of drug {k} in these wells"),
        Row("at_peak_{k}", "combination", "", "1 where that is the drug's clinical peak concentration"),
        Row("alone_1_draws", f"{_ANSWERS} draw", "1", _ALONE_1),
        Row("alone_2_draws", f"{_ANSWERS} draw", "1", _ALONE_2),
        Row("both_draws", f"{_ANSWERS} draw", "1", _BOTH),
        Row("compared_alone_draws", f"{_COMPARED_DIMS} draw", "1", _COMPARED),
        Row("alone_1", _ANSWERS, "1", _ALONE_1),
        Row("alone_2", _ANSWERS, "1", _ALONE_2),
        Row("both", _ANSWERS, "1", _BOTH),
        Row("compared_alone", _COMPARED_DIMS, "1", _COMPARED),
    ),
)
SCHEDULES = GroupSpec(
    "schedules",
    "the pieces of every exposure, as multiples of the dose, padded with NaN",
    (
        Row("begin", "exposure piece", "h", "beginning of a piece, which holds until the next begins"),
        Row("level", "exposure piece", "1", "level at the beginning, times exp(-decay (t - begin))"),
        Row("decay", "exposure piece", "1/h", "rate of decay"),
        Row("slope", "exposure piece", "1/h", "added: slope (t - begin)"),
        Row("source", "exposure", "", "where the curve is from; blank for one that the configuration states"),
    ),
)
PANEL = GroupSpec(
    "panel",
    "every cell line's values, and its readouts without drug",
    (
        Row("cell_line", "cell_line", "", "cell line"),
        Row("quantity", "quantity", "", "entity or parameter that differs between lines"),
        Row(
            "factor",
            "cell_line quantity",
            "1",
            "value of the line (entities: 1 as the mean of the named lines)",
        ),
        Row("parent", "cell_line", "", "line derived from"),
        Row("cellosaurus", "cell_line", "", "Cellosaurus identifier"),
        Row(
            "line_source",
            "cell_line",
            "",
            "source of the line's values, where a table of expression is screened",
        ),
        Row("status", "cell_line", "", ENDED),
        Row("centred_drug", "centred_drug", "", "drug dosed in multiples of its GR50"),
        Row("gr50", "cell_line centred_drug", "nM", "GR50 of the single agent, inf where it is not reached"),
        Row(
            "dose_centre",
            "cell_line centred_drug",
            "nM",
            "dose that the grid is centred on: the GR50, else the range's middle",
        ),
        Row("clone", "member", "", "clone"),
        Row("clone_of", "member", "", "cell line that it is a part of"),
        Row("clone_fraction", "member", "1", "share of the line's cells at time 0"),
        Row("clone_factor", "member quantity", "1", "value of the clone, as factor"),
        Row("{marker}_{end}", "cell_line", "{units}", "{label}, untreated, {quantile} over {draws} draws"),
        Row("{marker}", "cell_line", "{units}", "{label}, untreated"),
    ),
)
_SHAM = "sham_line sham sham_dose_1 sham_dose_2"
_SHAM_MEAN = "sham_line sham sham_time"
CONTROLS = GroupSpec(
    "controls",
    "drugs combined with themselves (sham), points recomputed by the reference solver, and the verdicts",
    (
        Row("sham_line", "sham_line", "", "cell line of a self-combination"),
        Row("sham", "sham", "", "self-combination"),
        Row("sham_schedule", "sham", "", "the first schedule in which the drug is given so"),
        Row("sham_drug", "sham", "", "drug combined with itself"),
        Row("sham_concentration_{k}", "sham sham_dose_{k}", "nM", "concentration of the drug as drug {k}"),
        Row("sham_time", "sham_time", "h", "assay time after dosing"),
        Row("sham_viability", f"{_SHAM} sham_time", "1", "viability at the sum of both doses"),
        Row("sham_status", _SHAM, "", ENDED),
        Row("loewe_excess", f"{_SHAM} sham_time", POINTS, "Loewe excess of a drug with itself", SIGN),
        Row(
            "on_curve",
            "sham sham_dose_1 sham_dose_2",
            "",
            "1 where both doses are above 0 and their sum is at most the highest dose",
        ),
        Row("loewe", _SHAM_MEAN, POINTS, "mean excess on the curve", SIGN),
        Row("loewe_largest", _SHAM_MEAN, POINTS, "largest absolute excess on the curve", SIGN),
        Row(
            "monotone",
            _SHAM_MEAN,
            "",
            "1 where the curve is monotone, so that the Loewe model itself is solved",
        ),
        Row("readout", "readout", "", "readout that was recomputed"),
        Row("time", "time", "h", "assay time after dosing"),
        Row("point_cell_line", "point", "", "cell line of a recomputed point"),
        Row("point_combination", "point", "", "combination of a recomputed point"),
        Row("point_concentration_{k}", "point", "nM", "concentration of drug {k}, NaN where there is none"),
        Row("point_schedule", "point", "", "schedule of a recomputed point"),
        Row(
            "point_deviation",
            "readout point",
            "1",
            "largest deviation from the reference solver over the times",
        ),
        Row("point_{readout}_reference", "point time", "{units}", "{readout} by the reference solver"),
        Row("point_{readout}", "point time", "{units}", "{readout} in the cube"),
        Row("status_name", "status_name", "", ENDED),
        Row("status_simulations", "status_name", "1", "simulations that ended so"),
        Row("status_share", "status_name", "1", "their share of all simulations"),
        Row("status_remedy", "status_name", "", "what to do about them"),
        Row("check", "check", "", "control"),
        Row("passed", "check", "", "1 where the control passed"),
        Row("value", "check", "", "what the control found, in the unit that its sentence names"),
        Row("limit", "check", "", "what is allowed, in the same unit"),
        Row("sentence", "check", "", "the verdict in words"),
    ),
)
PROVENANCE = GroupSpec(
    "provenance",
    "how the cube came about; the attributes say whose run it is",
    (
        Row("config", "", "", "resolved configuration, JSON"),
        Row("model_sbml", "", "", "the model, SBML Level 3"),
        Row("model_sha256", "", "", "SHA-256 of model_sbml"),
        Row("model_source_sha256", "", "", "SHA-256 of the model's own source"),
        Row("plan_sha256", "", "", "SHA-256 of what decides the numbers"),
        Row("versions", "", "", "versions of herscreen, Python and packages, JSON"),
        Row("solver", "", "", "tolerances, JSON"),
        Row("seed", "", "1", "seed of every random number"),
        Row(
            "ensemble",
            "",
            "",
            "draws and quantiles of the ensemble, drugs whose potency no draw varies, tolerances, JSON; null without",
        ),
        Row(
            "skill",
            "",
            "",
            "class of prediction of each combination, its measured skill, and which lines and drugs were calibrated, "
            "JSON; null for a model of one's own",
        ),
        Row("host", "", "", "computer that wrote the cube"),
        Row("machine", "", "", "its system and processors"),
        Row("drug", "drug", "", "drug"),
        Row("peak_nM", "drug", "nM", "clinical peak concentration"),
        Row("dose_parameter", "drug", "", "parameter of the model that doses it"),
        Row("started", "", "", "when the run began, UTC"),
        Row("finished", "", "", "when it ended, UTC"),
        Row("seconds", "", "", "seconds of its phases, JSON"),
        Row("counts", "", "", "simulations and steps, JSON"),
        Row(
            "checksums",
            "",
            "",
            "SHA-256 of every other variable, of its attributes, and of each group's, JSON",
        ),
    ),
)
GROUPS = (ROOT, TRIPLES, PANEL, SCORES, SCHEDULES, CONTROLS, ENSEMBLE, REPLICATES, REFERENCE, PROVENANCE)


def of_draws(group: GroupSpec, name: str, end: str, draws: int, **words: object) -> dict[str, Any]:
    """The attributes of what ends in `_mean`, `_low` or `_high`: the row's, and the quantile as a number."""
    found: dict[str, Any] = group.attributes(name, end=end, quantile=ENDS[end], draws=draws, **words)
    return found | ({"quantile": QUANTILES[end]} if end in QUANTILES else {})


def group_of(path: str) -> GroupSpec | None:
    """What the schema says of a group by its path; those of `/triples` are those of the pairs."""
    inner = path.strip("/").removeprefix("triples/")
    return next((group for group in GROUPS if group.path == inner), None)
