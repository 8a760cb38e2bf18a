"""Commands of search and matching."""
