"""What the store promises, checked on both databases."""
