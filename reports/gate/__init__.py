"""The report of one gate, from what it recorded to a page, a comment and a badge.

    record -> questions, pairs, parts, places, waits -> page | markdown | document | github | junit | badge

Nothing here reads a disk or decides; every text that a model or a file brought in is made
harmless where it is shown.
"""
