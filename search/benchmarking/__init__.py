"""Measures search on corpora of any size, beside the bare engine. Nothing of a corpus is ever on the site."""
