"""Mutants of ``coalition/intake``: small changes to its code, each of which some test should notice.

How to run it, and what came of it: docs/measurements/mutation.md.
"""
