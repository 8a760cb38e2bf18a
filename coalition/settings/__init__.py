"""Settings: ``base`` is shared; ``development``, ``test`` and ``production`` each say only what differs."""
