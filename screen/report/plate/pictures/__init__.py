"""Pictures of measured plates as SVG text, and what stands beside them in words; a module a kind."""
