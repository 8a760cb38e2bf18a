"""The documents that facts come from."""
