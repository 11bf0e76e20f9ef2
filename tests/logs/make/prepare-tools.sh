# Inside the image of tools: zig, which Debian does not have.
set -eu
mkdir -p /build
python3 -m pip install --quiet --break-system-packages ziglang
printf '#!/bin/sh\nexec python3 -m ziglang "$@"\n' >/usr/local/bin/zig
chmod +x /usr/local/bin/zig
