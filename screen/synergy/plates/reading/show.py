"""How plates are read, as text for the eye: blocks, names, units, controls, scale, and the matrix."""

from collections.abc import Iterator, Sequence

import numpy as np

from screen.synergy.plates.block import PlateBlock

SHOWN = 12
WIDTH = 12


def plates_text(blocks: Sequence[PlateBlock]) -> Iterator[str]:
    """Lines on each block, its first few doses and the viability of its wells in percent."""
    for block in blocks:
        yield from _block_lines(block)
        yield ""


def _block_lines(block: PlateBlock) -> Iterator[str]:
    read = block.reading
    yield f"block {block.name}"
    names = [name or "(no name)" for name in block.drugs]
    unit = block.unit or "no unit (taken as nM)"
    yield f"  drugs          {' + '.join(names)}" + (f" in {block.cell_line}" if block.cell_line else "")
    yield f"  doses          {' x '.join(str(len(conc)) for conc in block.concs)}, {unit}"
    when = "" if np.isnan(block.time_h) else f"{block.time_h:g} h"
    if when or block.schedule:
        yield f"  time           {' '.join(filter(None, [when, block.schedule]))}"
    for name in ("orientation", "scale", "baseline", "normalisation", "design", "vehicle", "ignored_columns"):
        if read.get(name) not in (None, ""):
            yield f"  {name.replace('_columns', ''):<14} {read[name]}"
    yield f"  replicates     {block.replicates}"
    for note in block.notes:
        yield f"  note           {note}"
    yield from _matrix(block)


def _matrix(block: PlateBlock) -> Iterator[str]:
    if block.points is not None:
        yield f"  {len(block.points.viability)} wells; the first, in percent viability:"
        for one, two, value in list(zip(block.points.conc_1, block.points.conc_2, block.points.viability))[
            :SHOWN
        ]:
            yield f"  {one:>10.4g} {two:>10.4g} {100 * value:>8.1f}"
        return
    if block.wells.size == 0:
        yield "  no usable well"
        return
    more = len(block.concs) - 2
    viability = block.viability.reshape(len(block.conc_1), len(block.conc_2), -1)[:, :, 0]
    extra = ("", ", without drug 3", ", without drugs 3 and 4")[more]
    yield f"  percent viability; drug 1 down, drug 2 across{extra}"
    rows, columns = block.conc_1[:SHOWN], block.conc_2[:WIDTH]
    yield (
        "  "
        + " " * 10
        + "".join(f"{dose:>9.4g}" for dose in columns)
        + (" ..." if len(block.conc_2) > WIDTH else "")
    )
    for dose, row in zip(rows, viability):
        shown = "".join("        ." if np.isnan(value) else f"{100 * value:>9.1f}" for value in row[:WIDTH])
        yield f"  {dose:>10.4g}{shown}"
    if len(block.conc_1) > SHOWN:
        yield "  ..."
