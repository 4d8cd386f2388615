"""Why a pair is synergistic: the same grid with one mediator clamped."""
