"""What organizers fill in."""
