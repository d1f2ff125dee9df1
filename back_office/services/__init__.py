"""What a request does to the record once the rules of its service have let it pass; one module a service or family of them."""
