"""herscreen: virtual drug-combination screens on a mechanistic model of Herceptin resistance."""

__version__ = "0.1.0"
