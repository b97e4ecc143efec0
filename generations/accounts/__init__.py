"""People: who may sign in, and their seat in the studio."""
