"""The relay's API: its words (wire), its failures (errors), the client that speaks it. Needs only httpx."""
