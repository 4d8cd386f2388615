"""A cube as the report sees it."""
