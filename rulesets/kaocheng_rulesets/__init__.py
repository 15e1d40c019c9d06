"""Rulesets that come with the library: data, one folder each, imported by nobody."""
