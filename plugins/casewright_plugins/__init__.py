"""Optional integrations of Casewright, found by the entry point group ``casewright.plugins``."""
