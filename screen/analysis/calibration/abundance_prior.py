"""What is known of lines before any response is fitted: how far each entity's measured level may be believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from screen.pathway.omics.entity_map import OmicsGroup, load_omics_map
from screen.pathway.omics.levels import panel_levels


@dataclass(frozen=True)
class AbundancePrior:
    """Groups by name; of each entity its group and the level of each line where it was measured, relative to the
    panel's mean in natural logarithms.
    """

    groups: Mapping[str, OmicsGroup] = field(default_factory=dict)
    entities: Mapping[str, tuple[str, Mapping[str, float]]] = field(default_factory=dict)


def built_in_abundance() -> AbundancePrior:
    """The prior of the shipped omics map and measurements."""
    omics = load_omics_map()
    levels = panel_levels(omics)
    entities = {
        name: (entity.group, {line: own[name] for line, own in levels.items() if name in own})
        for name, entity in omics.entities.items()
        if entity.mode == "relative"
    }
    return AbundancePrior(omics.groups, entities)
