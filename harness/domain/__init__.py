"""The frozen nouns of the house; the standard library, and msgspec for those there is one of per item.

Each noun has a module of its own: `checkpoint`, `arm`, `task`, `prompt`,
`response`, `score`, `run`, `comparison`, `verdict`, `policy`.
"""
