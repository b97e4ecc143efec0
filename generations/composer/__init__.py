"""What a person may ask of a model: pure Python, no database."""
