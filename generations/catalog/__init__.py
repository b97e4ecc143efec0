"""What the relay's models can do and what they cost."""
