"""The front page, and plain pages about the site."""
