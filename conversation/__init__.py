"""What is said: messages, questions, the form and the engine that walks it. Pure; nothing here does I/O."""
