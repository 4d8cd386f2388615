"""Dose-response fits: single agents by least squares, as R's drc, or monotone; surfaces of two drugs."""
