"""Measured plates as figures and as one self-contained page; scores nothing, shows what `score_plates` found."""
