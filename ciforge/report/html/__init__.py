"""The report of a run as a static site."""
