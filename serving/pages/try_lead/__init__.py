"""The page "Try a lead": a form of the model's fields, and the score of what stands in it."""
