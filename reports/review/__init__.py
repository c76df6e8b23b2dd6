"""Where a person reads examples and says yes or no: a page on the loopback, or a terminal."""
