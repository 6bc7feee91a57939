"""What the service does when something arrives: plain functions, given a transaction; they cannot send or wait."""
