"""Checks that every run makes: self-combinations, wells solved again by the reference solver."""
