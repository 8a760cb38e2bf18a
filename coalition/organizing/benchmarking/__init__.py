"""How many organizers can post at the same moment, and whether anything of theirs is lost."""
