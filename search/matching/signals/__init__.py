"""Signals: how alike documents are to the subject, each in one respect. Higher is more alike; scales differ."""
