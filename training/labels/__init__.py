"""What each lead is a training example of at an as-of date, and with what weight."""
