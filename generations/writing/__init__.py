"""Words by a model of the relay: a better prompt proposed, its instructions, what it costs."""
