"""What a composer can begin with: templates of a project or the studio, and one's own recent prompts."""
