"""Keys of JSON documents that differ from the attribute that they hold."""

KEY = "key"
"""In the metadata of an attribute: its key in documents, where that is not its name."""
