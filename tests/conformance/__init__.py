"""Conformance suites of other people, run as data."""
