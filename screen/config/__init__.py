"""What a YAML file may say: pydantic models, one file a section, read with line numbers. Names of drugs, cell
lines and readouts are only text here; `screen.runner.plan` resolves them against the pathway.
"""

from screen.config.screen import ScreenConfig, load_config

__all__ = ["ScreenConfig", "load_config"]
