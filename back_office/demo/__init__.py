"""What the demonstration makes for itself, and an agency brings: people, their money, and their cards."""
