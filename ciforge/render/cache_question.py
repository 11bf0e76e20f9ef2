"""The question about the caches of a machine: what they answered, and what is wrong with them. POSIX sh."""

from ciforge.model import ccache_log
from ciforge.render.configure_cache import ENTRY
from ciforge.render.wrapper import SYSTEM_PATH

MOST = 5
"""Lines of a kind that are shown."""

QUESTION = f"""\
PATH={SYSTEM_PATH} LC_ALL=C
export PATH LC_ALL
log={ccache_log.PATH}
damaged() {{
    grep -E '{ccache_log.DAMAGED}' "$log" | grep -v -E '{ccache_log.UNRELATED}'
}}
if [ -r "$log" ]; then
    echo "hits $(grep -c -E '{ccache_log.HIT}' "$log")"
    damaged | sed -e 's/^\\[[^]]*\\] *//' -e 's/^/damaged /' | sort -u | head -n {MOST}
fi
[ ! -f {ENTRY} ] || echo configured
[ ! -e "$CCACHE_DIR/ccache.conf" ] || echo 'foreign ccache.conf'
echo end
"""
"""Prints `hits N`, `damaged TEXT`, `configured` and `foreign NAME`, each where there is one, and `end`."""
