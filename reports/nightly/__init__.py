"""A night as its owner reads it in the morning: a page, and a summary in Markdown.

record -> lines -> page | markdown
"""
