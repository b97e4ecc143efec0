"""What the team has made, to find, watch and look after: items, their search, clean up, provenance."""
