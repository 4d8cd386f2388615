"""Findings over a whole panel."""
