"""What templates place on a page."""
