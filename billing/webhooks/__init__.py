"""What a webhook looks like, the same for both providers."""
