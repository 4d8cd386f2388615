"""Drugs in the medium over time, and the assay's protocol: how a well is prepared, dosed and read."""
