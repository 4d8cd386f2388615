"""What pages of still pictures share: pictures are drawn for white, and the page gives their inks other colours."""

from screen.report.drawing.style import AXIS, CATEGORICAL, GRID, MUTED, PEAK


def theme_rules() -> str:
    """What gives the inks of pictures, which are drawn for white, their places in a light or a dark page."""
    rules = [
        (f'[fill="{MUTED}"]', "fill:var(--muted)"),
        (f'[stroke="{GRID}"]', "stroke:var(--grid)"),
        (f'[stroke="{AXIS}"]', "stroke:var(--faint)"),
        (f'[stroke="{PEAK}"]', "stroke:var(--bad)"),
        (f'[fill="{CATEGORICAL[0]}"]', "fill:var(--accent)"),
        (f'[stroke="{CATEGORICAL[0]}"]', "stroke:var(--accent)"),
        ('> rect:first-child[fill="#ffffff"]', "fill:transparent"),
    ]
    return "".join(f".drawing svg {which}{{{what}}}" for which, what in rules)
