"""Its place puts `tests/` on the path, so that `from fakes.back_office import ...` works in every test."""
