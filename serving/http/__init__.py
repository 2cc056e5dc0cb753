"""An HTTP request's way in and out: heads, bodies, limits, ids, repetitions, and the document that describes it."""
