"""What a lead is, and what is known of it when it arrives."""
