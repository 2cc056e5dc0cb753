"""Webhooks out, as https://www.standardwebhooks.com says: what lies in the outbox, signed and sent until it arrives."""
