"""The model as SBML or Antimony: export with units, clamped variants, custom models."""
