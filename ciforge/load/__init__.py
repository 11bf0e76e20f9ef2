"""YAML text to frozen values; all mistakes are reported, each with its place."""
