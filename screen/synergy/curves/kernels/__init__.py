"""Curve fits as machine code."""
