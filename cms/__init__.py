"""What editors publish: Wagtail pages and snippets."""
