"""A relay of our own: RelayDance's contract, real clips. It shares nothing with the studio but relay/wire.py."""
