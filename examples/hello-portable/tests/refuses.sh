# Refuses what makes no sense.
set -eu

refuse() {
	if ./hello "$@" >/dev/null 2>&1; then
		echo "hello $* was taken"
		exit 1
	fi
}

refuse -n 0
refuse -n 101
refuse -n many
refuse one two
refuse a-name-that-is-longer-than-thirty-one-letters
