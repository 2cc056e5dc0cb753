"""Text as machines and people write it: times, months, numbers."""
