"""Correlations: what is observed in many cases and signals, and what a window makes of it."""
