"""The configuration of a screen as data: what a YAML file may say, with its defaults and checks."""
