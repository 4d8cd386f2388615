"""An empty plate and an empty map of a plate reader's wells, to fill in."""

from pathlib import Path

from screen.files import checked, occupied, write_text

DOSES = ((0, 10, 30, 100, 300), (0, 1, 3, 10, 30))
HEAD = "block_id,drug_row,drug_col,conc_r,conc_c,conc_r_unit,conc_c_unit,cell_line,time_h,replicate,response"
MAP_HEAD = "plate,well,role,drug1,conc1,drug2,conc2,conc_unit,cell_line"


def write_templates(target: Path, force: bool = False) -> tuple[Path, Path]:
    """Write a plate of 5 x 5 doses to `target` and a map of the same wells beside it; InputError where either is
    there already, unless `force`."""
    beside = target.with_name(f"{target.stem}-map.csv")
    for path in (target, beside):
        checked(path, (".csv",))
        if path.exists() and not force:
            raise occupied(path)
    wells = [(one, two) for one in DOSES[0] for two in DOSES[1]]
    rows = [f"1,drugA,drugB,{one},{two},nM,nM,SKBR3,72,1," for one, two in wells]
    write_text(target, "\n".join([HEAD, *rows]) + "\n")
    mapped = [
        f"1,{'BCDEFG'[k // 5]}{k % 5 + 2},sample,drugA,{one},drugB,{two},nM,SKBR3"
        for k, (one, two) in enumerate(wells)
    ]
    mapped += [f"1,A{k},vehicle,DMSO,0,DMSO,0,nM,SKBR3" for k in (2, 3, 4)]
    mapped += [f"1,A{k},blank,,,,,,SKBR3" for k in (5, 6)]
    write_text(beside, "\n".join([MAP_HEAD, *mapped]) + "\n")
    return target, beside
