"""Figures, the HTML report and table exports of a finished cube."""
