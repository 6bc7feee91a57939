"""The bench: the real program under load, beside a plain bot that holds the same dialogue. `make bench` runs it.

Not for: tests. It measures and prints; nothing of the program imports it.
"""
