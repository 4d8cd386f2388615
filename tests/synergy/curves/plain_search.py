"""The search of drc in plain Python, one curve at a time, as a second opinion on its machine code."""

import numpy as np


def minimise(function, start, step=1e-3, tolerance=1e-7, most=500):
    """Where R's `optim(method = "BFGS")` ends: Nash 1990, algorithm 21, with central differences. None where
    a difference is not finite."""

    def gradient(at):
        shift = step * np.eye(len(at))
        return np.array([(function(at + s) - function(at - s)) / (2 * step) for s in shift])

    at, lowest, slope = start, function(start), gradient(start)
    size, gradients, age, metric = len(start), 1, 0, np.eye(len(start))
    while np.isfinite(slope).all():
        metric = np.eye(size) if age == 0 else metric
        origin, line = at, -metric @ slope
        along, length, moved = line @ slope, 1.0, True
        if not along < 0:
            if age == 0:
                return at
            age = 0
            continue
        while True:
            at = origin + length * line
            moved = (at + 10.0 != origin + 10.0).any()
            if not moved:
                break
            value = function(at)
            if np.isfinite(value) and value <= lowest + 1e-4 * along * length:
                break
            length *= 0.2
        enough = abs(value - lowest) > tolerance * (abs(lowest) + tolerance)
        if not (enough and moved):
            lowest = lowest if enough else value
            if age == 0:
                return at
            age = 0
            continue
        lowest, before, slope = value, slope, gradient(at)
        gradients, t, c = gradients + 1, length * line, slope - before
        if t @ c > 0:
            x = metric @ c
            metric = metric + ((1 + x @ c / (t @ c)) * np.outer(t, t) - np.outer(x, t) - np.outer(t, x)) / (
                t @ c
            )
            age += 1
        else:
            age = 0
        if gradients >= most:
            return at
        age = 0 if age > 2 * size else age
    return None


def log_logistic(conc, response, start=None):
    """The curve LL.4 of drc at its doses, its lower end held at `start` if given; None where drc gives up."""
    with np.errstate(divide="ignore"):
        x = np.log(conc / np.median(conc))
    scale = 10.0 ** np.floor(np.log10(np.median(response)))
    y = response / scale
    held = None if start is None else start / scale
    gap = 1e-3 * np.ptp(y)
    c, d = y.min() - gap, y.max() + gap
    used = conc > 0
    slope, intercept = np.polyfit(x[used], np.log((d - y) / (y - c))[used], 1)
    guess = np.array([slope, c, d, np.exp(-intercept / slope)])
    free = guess if held is None else guess[[0, 2, 3]]

    def curve(at):
        p = at * np.abs(free)
        b, low, high, e = p if held is None else (p[0], held, p[1], p[2])
        with np.errstate(invalid="ignore", over="ignore"):
            return low + (high - low) / (1 + np.exp(b * (x - np.log(e))))

    end = minimise(lambda at: ((y - curve(at)) ** 2).sum(), np.sign(free))
    return None if end is None or end[-1] < 2e-3 else scale * curve(end)
