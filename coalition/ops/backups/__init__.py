"""Backups: one folder each, sealed to a key that is kept elsewhere, and the way back."""
