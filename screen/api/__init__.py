"""What `import screen` offers, by theme; `screen/__init__.py` loads each function when it is first used."""
