"""Fields that are probably filled in after the outcome: what one field alone tells, and what its timing tells."""
