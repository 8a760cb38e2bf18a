"""The pages of organizers, below ``/organize/``."""
