"""Outgoing HTTP to addresses that somebody else chose: checked, pinned, capped. The relay's own API is relay/."""
