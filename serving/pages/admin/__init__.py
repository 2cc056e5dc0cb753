"""Pages of whoever runs the service: keys, model versions, webhooks, targets and hours."""
