"""What the columns of a file hold, and what they probably mean."""
