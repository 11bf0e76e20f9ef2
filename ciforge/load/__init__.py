"""YAML text to frozen values; every mistake is told with its place, all of them at once."""
