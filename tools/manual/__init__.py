"""The documentation as a site: the pages of docs/ and beside it, and a reference made of the code itself."""
