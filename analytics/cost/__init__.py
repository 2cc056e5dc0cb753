"""What customers and qualified leads cost, and where budget would bring most."""
