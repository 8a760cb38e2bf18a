"""Management commands of following."""
