"""The slope of a calibration's energy by all free values, at the cost of a few simulations of all wells."""
