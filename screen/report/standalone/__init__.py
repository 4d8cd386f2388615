"""Figures and pages of other commands than `report` and `figures`: calibration, optimum, panel, pathway."""
