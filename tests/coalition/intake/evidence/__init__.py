"""Files of tellers."""
