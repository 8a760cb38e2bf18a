"""The editors' desk for links: see what the machine suggests, confirm, dismiss, add; find what matches nothing."""
