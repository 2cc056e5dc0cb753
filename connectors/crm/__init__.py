"""CRMs: what they say of leads, and their own fields for the scores; `crms.py` lists them."""
