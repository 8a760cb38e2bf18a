"""What an organization’s public page shows of its coalition."""
