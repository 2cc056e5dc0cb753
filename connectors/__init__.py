"""Other systems, in their own formats: ad platforms are told what leads are worth; CRMs bring leads and get scores."""
