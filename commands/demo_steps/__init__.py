"""The steps of `leads demo`: a company with a story, the scores of its past, and a day of its sales desk."""
