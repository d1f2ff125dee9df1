"""One module a service: its entries and the checks that only it needs."""
