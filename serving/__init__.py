"""The service: a registered champion behind an HTTP API."""
