"""Stops and events in machine code: where triggers change within a step, and what is done there, lane by lane."""
