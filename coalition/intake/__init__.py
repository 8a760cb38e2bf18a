"""What people tell us in confidence: sealed as it arrives, followed up by a code, deleted when its time is over."""
