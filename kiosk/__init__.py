"""The terminal of a social security office: domain, use cases, wire formats, and its processes."""
