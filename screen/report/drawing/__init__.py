"""Lines, axes and colours of a static picture; a browser for PNG and PDF."""
