"""What is true about the people, numbers, places and rules of this service; pure values and pure functions.

Nothing here reads a file, a clock or a network, and nothing here words a sentence for people.
"""
