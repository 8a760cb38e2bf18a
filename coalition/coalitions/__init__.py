"""Organizations that group themselves: a conference, a state federation, an alliance of campaigns."""
