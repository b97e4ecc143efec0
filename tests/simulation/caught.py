"""The schedules that are known to catch each planted bug; they are played first."""

SEEDS: dict[str, tuple[int, ...]] = {}
