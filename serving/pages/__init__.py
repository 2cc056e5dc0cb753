"""The pages that people use: server-rendered, one module a page, words and charts beside them."""
