"""The rows of a calibration: measured numbers and statements, their errors and residuals."""
