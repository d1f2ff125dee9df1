"""The office's public page: whoever holds a certificate types its code and sees what the paper shows."""
