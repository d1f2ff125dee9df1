"""Card profiles: what each family of chip cards understands, one module a family."""
