"""Rules networks: what brings facts together, and which one does."""
