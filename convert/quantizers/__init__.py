"""What is done to a float core, and decided of it, before any target writes it in eight bits."""
