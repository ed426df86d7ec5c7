"""The XML form of DMN models: safe reading, and writing for other modellers."""
