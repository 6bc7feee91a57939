"""Every statement of the service by subject, as a named constant with a sentence above it."""
