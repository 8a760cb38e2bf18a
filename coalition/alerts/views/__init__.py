"""Pages of following."""
