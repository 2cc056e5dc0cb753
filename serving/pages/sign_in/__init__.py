"""Signing in, and the first key."""
