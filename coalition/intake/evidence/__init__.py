"""Files that tellers send: encrypted as they arrive, sealed for their own use; moderators see a cleaned copy."""
