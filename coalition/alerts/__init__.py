"""Following: what somebody wants to hear of, what is new of it, and the mails and feeds that say so."""
