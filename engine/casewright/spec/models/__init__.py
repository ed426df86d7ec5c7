"""The models of all kinds; import the module of a kind for its parts, ``kinds`` for the table."""
