"""Every figure of the report, one name each."""
