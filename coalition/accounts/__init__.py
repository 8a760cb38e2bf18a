"""Who signs in: the user model and the one-time set-up of the first administrator."""
