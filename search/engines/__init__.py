"""Engines: each answers the same queries by one contract. See ``base``."""
