"""Commands of the content loader."""
