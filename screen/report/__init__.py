"""Figures, the HTML report and table exports of a finished cube or of measured plates; computes none of it."""
