"""Throw-away servers for tests: PostgreSQL, Redis, and moto's S3; on loopback alone, gone at the end."""
