"""The weekly page: a report in, what the template shows out."""
