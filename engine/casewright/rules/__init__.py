"""Rules of one case over one event."""
