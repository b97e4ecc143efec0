"""The pages: translate HTTP into one call to a room, and back."""
