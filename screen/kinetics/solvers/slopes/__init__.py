"""Sensitivities that a run alone does not give: of steady states, and over jumps of the rates."""
