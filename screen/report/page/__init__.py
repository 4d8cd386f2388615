"""The self-contained HTML page: template, style, script and the data that they show."""
