"""Outgoing mail: recorded before it is handed over, so that none is lost, and none is sent twice."""
