"""Log to findings: rules are rows of tables, one file per family of tools. Pure."""
