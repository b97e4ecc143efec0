"""Heartbeats of the studio's processes."""
