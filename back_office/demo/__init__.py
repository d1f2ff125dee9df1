"""What the demonstration makes for itself, and an agency brings: certification authorities and cards."""
