"""Measured plates of any number of lines update the shared parameters and each line's abundances together."""
