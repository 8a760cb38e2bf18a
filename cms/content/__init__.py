"""The first content and the demonstration set as data files, and their loader."""
