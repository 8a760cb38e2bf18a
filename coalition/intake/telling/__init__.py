"""Asking: steps, their forms, and the pages that show them."""
