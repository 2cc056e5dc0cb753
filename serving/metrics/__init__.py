"""Prometheus metrics: counted as things happen, or looked up when they are asked for. docs/operations.md lists all."""
