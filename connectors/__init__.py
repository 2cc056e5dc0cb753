"""What other systems are told, in their own formats: ad platforms."""
