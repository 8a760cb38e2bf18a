"""Workers' stories of harm by technology at work."""
