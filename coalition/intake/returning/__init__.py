"""Coming back with a code: the status in words, messages, taking along, taking back."""
