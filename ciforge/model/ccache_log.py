"""The log of ccache in a container: where it is, and which of its lines count."""

PATH = "/ciforge/records/ciforge/ccache.log"
"""Written by every ccache, with more than a line for each compilation."""
HIT = r"Result: (cache hit|direct_cache_hit|preprocessed_cache_hit)"
"""An extended regular expression: a compilation that the cache answered, by ccache 4.0 and later."""
DAMAGED = (
    r"(Failed to get result from [^:]*|Failed to look up result key in manifest|Error reading manifest): "
    r"|Error: (Incorrect checksum|Bad magic|Unknown |Error reading|failed to read)"
)
"""The same for a result, or a list of results, that ccache could not use, so that it compiled."""
UNRELATED = "writ(e|ing)"
"""The same for a line of DAMAGED that is about a file that the compiler was to write."""
