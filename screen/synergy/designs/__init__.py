"""Scores of designs that do not fill the grid: rays, surrogates of adaptive designs, a drug with itself."""
