"""Reference models of drug combination, one file each, and the scoring of a whole cube at once. Works on
arrays of viability, wherever they came from; knows nothing of simulation.
"""
