"""What organizers do without the editors' admin: campaigns, their updates, who joins, who reads first."""
