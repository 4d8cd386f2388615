"""A check of the installation that needs nothing but itself: files, model, engine, scores and a small cube; a
stranger can repeat it in ten seconds.
"""

from screen.selftest.checks import CHECKS, CheckOutcome, selftest

__all__ = ["CHECKS", "CheckOutcome", "selftest"]
