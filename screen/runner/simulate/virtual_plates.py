"""Virtual plates: viability as plates of the laboratory would have it, by a stated model of their noise.

One plate holds the dose matrix of one cell line and combination (under one schedule) and some vehicle wells,
and is read once: every assay time is another plate. With V the model's viability of a well, N the cells of a
vehicle well (seeded cells times their growth), and e independent standard normal numbers, the signal is

    s = Poisson(N V) / N * exp(m e1 - m^2 / 2) * (1 - edge at the rim) * exp(p e2 - p^2 / 2) + a e3

with e2 one number a plate and the same without p and edge for vehicle wells; what is measured is s over the
mean of the plate's vehicle wells. Without seeding nothing is counted: V stands in place of Poisson(N V) / N.
"""

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from screen.arrays import Array
from screen.config.readouts import Replicates
from screen.cube import schema
from screen.cube.netcdf import Variable
from screen.runner.plan.plan import Plan, Shard

if TYPE_CHECKING:
    from screen.runner.simulate.simulated_part import Block

NOISE_STREAM = 4
MEASURED = "viability"
MOST_COUNTED = 1e15  # beyond, counting adds nothing that a double could hold


def replicates_of(plan: Plan, shard: Shard, block: "Block") -> dict[str, Variable]:
    """The variables of a layer's replicates for the shard's part, by their path below the layer's group; none
    without replicates.
    """
    asked, layer = plan.outputs.replicates, plan.design.layer_of(shard)
    if asked is None:
        return {}
    viability = block.readouts[MEASURED]
    number = len(layer.dims) - len(layer.grid) - 1  # of the dims that name a plate
    found = np.empty((*viability.shape, asked.number))
    hours = np.array(plan.outputs.times)
    vehicle = (0,) * len(layer.grid)
    for place in np.ndindex(*viability.shape[:number]):
        grown = block.readouts["growth_rate"][place][vehicle] * hours if asked.seeding else None
        names = [
            plan.design.lines[shard.lines[0] + place[0]].name,
            layer.combinations[shard.combinations[0] + place[1]].name,
            *(layer.schedules[k] for k in place[2:]),
        ]
        for replicate in range(asked.number):
            random = np.random.default_rng([plan.settings.seed, NOISE_STREAM, *_words(names), replicate])
            found[place][..., replicate] = plate(viability[place], grown, asked, random)
    noise = {"noise": json.dumps(asked.model_dump(mode="json"))}
    made = schema.REPLICATES.variables({MEASURED: found}, present=layer.dims, more=noise)
    return {f"replicates/{name}": variable for name, variable in made.items()}


def plate(viability: Array, grown: Array | None, asked: Replicates, random: np.random.Generator) -> Array:
    """One replicate of a matrix (dose, ..., time) as measured; `grown` (time,) is the logarithm of the cells
    in a vehicle well relative to time 0. Wells that failed stay NaN.
    """
    noise, times = asked.noise, viability.shape[-1]
    wells = viability.reshape(-1, times)
    cells = None if grown is None or asked.seeding is None else asked.seeding * np.exp(grown)
    rim = _rim(viability.shape[:-1], noise.layout, random)[:, None]
    p = noise.plate
    shared = np.exp(p * random.standard_normal(times) - p**2 / 2)
    dosed = _signals(wells, cells, (1 - noise.edge * rim) * shared, asked, random)
    controls = _signals(np.ones((asked.vehicle_wells, times)), cells, np.ones(times), asked, random)
    return np.asarray((dosed / controls.mean(axis=0)).reshape(viability.shape))


def _signals(
    viability: Array, cells: Array | None, factor: Array, asked: Replicates, random: np.random.Generator
) -> Array:
    """Signals of wells (well, time) relative to the vehicle's expected one."""
    m, a = asked.noise.multiplicative, asked.noise.additive
    signal = viability
    if cells is not None:
        wanted = np.clip(np.nan_to_num(viability * cells), 0.0, MOST_COUNTED)
        signal = np.where(np.isfinite(viability * cells), random.poisson(wanted) / cells, np.nan)
    own, added = random.standard_normal((2, *viability.shape))
    return np.asarray(signal * np.exp(m * own - m**2 / 2) * factor + a * added)


def _rim(grid: tuple[int, ...], layout: str, random: np.random.Generator) -> Array:
    """1 for wells at the rim of the plate, else 0, (well,); matrices of three drugs stand in layers."""
    row, column = np.indices(grid)[-2:]
    rim = (row == 0) | (row == grid[-2] - 1) | (column == 0) | (column == grid[-1] - 1)
    flat = rim.reshape(-1).astype(float)
    return random.permutation(flat) if layout == "random" else flat


def _words(names: list[str]) -> list[int]:
    """Names as numbers that key a random generator, whatever else the screen holds."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return [int.from_bytes(digest[k : k + 4], "big") for k in range(0, 16, 4)]


def plates_as_words(asked: Replicates) -> str:
    """What the virtual plates are like, in a line."""
    noise = asked.noise
    parts = [
        f"{name} noise {value:.3g}"
        for name, value in (("additive", noise.additive), ("multiplicative", noise.multiplicative))
        if value
    ]
    parts += [f"plate effect {noise.plate:.3g}"] if noise.plate else []
    parts += [f"edge loss {noise.edge:.3g} ({noise.layout} layout)"] if noise.edge else []
    parts += [f"{asked.seeding:,} cells seeded and counted"] if asked.seeding else []
    return f"{asked.number} of each matrix, {asked.vehicle_wells} vehicle wells; {', '.join(parts)}"
