"""What is refused before a model is made or served: leaks, fields that came later, data that went wrong."""
