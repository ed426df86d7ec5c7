"""Rules of a case, and the rooms for what brings facts together: ``networks``, ``correlations``."""
