"""What the controls of a run take, which simulate few wells, but with the reference solver and one group after another:
where drugs come and go they may take longer than the screen.
"""

from screen.runner.controls.controls import MOST_POINT_LINES, MOST_POINTS
from screen.runner.controls.self_combination import MOST_LINES, ways_of
from screen.runner.plan.plan import Design, Plan

# Seconds of one core, calibrated on four lines with two partners over 3 days, and over 7, 21 and 63 days of long
# exposures, where 0.10, 0.7, 2.1 and 8.8 s are estimated and 0.14, 0.7, 1.5 and 4.5 s were measured.
REFERENCE_SECONDS = 0.009  # a well by the reference solver, without restarts
REFERENCE_RESTART = 0.003  # and with each
SHAM_CALLS, SHAM_WELLS = 16, 80  # of a drug with itself: calls of the solver, and wells in each line
SHAM_RESTART = 1e-4  # of a call, whatever its wells


def controls_seconds(plan: Plan, each: float, restart: float, restarts: float) -> float:
    """Seconds of one core: `each` is a simulation without restarts, `restart` what one costs as a share of it, and
    `restarts` how many the wells have on average.
    """
    design = plan.design
    points = min(MOST_POINTS, max(4, design.simulations // 100)) * len(design.layers)
    vehicles = min(MOST_POINT_LINES, len(design.lines)) * len(design.layers)
    reference = points * (REFERENCE_SECONDS + REFERENCE_RESTART * restarts) + vehicles * REFERENCE_SECONDS
    return reference + _shams(design, each, restart)


def _shams(design: Design, each: float, restart: float) -> float:
    wells = SHAM_WELLS * min(MOST_LINES, len(design.lines))
    total = 0.0
    for _, exposure in ways_of(design):
        pieces = len({piece.begin_h for piece in design.exposures[exposure].pieces}) - 1
        total += SHAM_CALLS * SHAM_RESTART * pieces + wells * each * (1 + restart * pieces)
    return total
