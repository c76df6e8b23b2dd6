"""All gates over time: means with intervals, change points, items that flicker, waits and tokens.

record -> series -> changes -> page
"""
