"""Timings of the engine beside the plain way, both in one run."""
