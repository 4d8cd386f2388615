"""The version, in a file that needs nothing else of the package."""

__version__ = "1.0.0rc1"
