"""Jobs: their states, their attempts at the relay, their outputs."""
