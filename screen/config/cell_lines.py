"""Cell lines of a configuration: named, varied, mixed, sampled, or read from a table."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from screen.config.fields import Name, Part, one_or_more

NEARLY = 1e-6  # how far shares may be from adding up to one
OF_EXPRESSION: dict[str, Any] = {
    "unit": "auto",
    "panel": None,
    "lines": [],
}  # keys and what they are unless given


class LineSpec(Part):
    """Cell lines: a named one, a variant of it under lasting perturbations (with `parent`), a `mixture` of
    clones, `sample` of them from a population or around a named line, those of a `table`, or the samples of a
    table of gene `expression`.
    """

    name: Name | None = None
    parent: Name | None = Field(default=None, description="the named line that this one derives from")
    perturbation: dict[Name, Annotated[float, Field(ge=0, le=1e6)]] = Field(
        default_factory=dict, description="factors on an entity's synthesis or total, like IRS1: 0.2"
    )
    mixture: dict[Name, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict,
        max_length=100,
        description="clones (named lines, or lines above) and each one's share of the cells at time 0",
    )
    sample: int | None = Field(default=None, ge=1, le=100_000, description="how many lines to draw")
    around: Name | None = Field(default=None, description="the named line to draw around, not the population")
    spread: float = Field(default=1.0, ge=0, le=10, description="scales the widths drawn from")
    prefix: Name | None = Field(
        default=None,
        description="names sampled lines <prefix>-00001 onwards (virtual unless given), and the samples of a table of "
        "expression <prefix>-<sample> (unless given: as the table does)",
    )
    table: str | None = Field(default=None, description="CSV or Parquet, a row a line, a column an entity")
    scale: Literal["fold", "copies", "zscore"] = "fold"
    expression: str | None = Field(
        default=None,
        description="CSV, TSV or Parquet of gene expression by symbol, genes in rows or columns, other genes ignored",
    )
    unit: Literal["auto", "log2_tpm", "log2_fpkm", "tpm", "counts", "zscore"] = Field(
        default="auto", description="of `expression`; found by its values unless given"
    )
    panel: Literal["own", "marcotte"] | None = Field(
        default=None,
        description="what `expression` is relative to: the table's own mean over all samples, or the shipped panel's; "
        "unless given the table's from 8 samples on",
    )
    lines: Annotated[list[Name], one_or_more(Name)] = Field(
        default_factory=list, description="samples of `expression` to take; all unless given"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "LineSpec":
        kinds = [
            kind for kind in ("name", "sample", "table", "expression") if getattr(self, kind) is not None
        ]
        if len(kinds) != 1:
            raise ValueError(
                f"found {' and '.join(kinds) or 'none of them'}, expected one of name, sample, table or expression"
            )
        if self.expression is None and (
            found := [key for key in OF_EXPRESSION if getattr(self, key) != OF_EXPRESSION[key]]
        ):
            raise ValueError(
                f"found {' and '.join(found)} without expression, expected also `expression:`, the table"
            )
        if self.mixture:
            self._mixture_adds_up()
        elif self.perturbation and self.parent is None and self.name is not None:
            raise ValueError(
                f"found a perturbation of '{self.name}', expected also `parent:`, the line perturbed"
            )
        return self

    def _mixture_adds_up(self) -> None:
        if self.name is None or self.parent is not None:
            other = "no name" if self.name is None else "parent"
            raise ValueError(f"found a mixture with {other}, expected a name and the clones")
        total = sum(self.mixture.values())
        if abs(total - 1) > NEARLY:
            raise ValueError(f"found shares of the clones that add up to {total:g}, expected 1")
