"""What a person or another program at the hotel holds in its hands."""
