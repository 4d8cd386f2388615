"""Exports of plate readers and maps of what their wells hold."""
