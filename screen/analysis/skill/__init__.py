"""How well the model predicts what laboratories measured: tables of measured numbers, predictions, figures of skill.

Nothing here is fitted, and every figure stands next to the cheapest predictions that use no model at all.
"""
