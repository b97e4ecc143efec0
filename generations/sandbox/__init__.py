"""A relay of our own that speaks RelayDance's contract and renders real clips. It shares nothing with the studio but relay/wire.py."""
