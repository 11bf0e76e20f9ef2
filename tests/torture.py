"""A project whose every free text is hostile: 600 jobs, for all that reads generated files."""

import json

HOSTILE = (
    "double \"quotes\" and 'single' ones",
    "${{ secrets.TOKEN }} ${{github.token}} $" + "{{ unclosed",
    "# no comment: a: b",
    "- leading dash",
    "key: value\nother: injected\n  - nested",
    "back\\slash \\n \\u0041 $(touch /tmp/owned) `id` ${HOME}",
    "_END_\nEND\nEOF\n",
    "größer 漢字 🐡 \u00a0 e\u0301",
    "::error::not a command ##[error]neither",
    "%s %d %% !important &anchor *alias |literal >folded @at `tick",
    "---\n...\n",
    "  leading and trailing  ",
    "\ttab\tbed\t",
    "x" * 40_000,
)
ONE_LINE = tuple(text for text in HOSTILE if "\n" not in text)


def torture(variants: int = 86) -> str:
    """The text of a `ciforge.yml`, as JSON, which is YAML too."""
    return json.dumps(
        {
            "project": "torture",
            "repos": {
                "portable": {
                    "path": ".",
                    "recipe": "autotools",
                    "env": {f"HOSTILE_{n}": text for n, text in enumerate(HOSTILE)},
                    "configure": [f"--with-{word}" for word in ONE_LINE] + list(ONE_LINE),
                    "steps": {
                        f"own{n}": {"after": "install", "run": f"echo '{n}'\n{text}"}
                        for n, text in enumerate(HOSTILE)
                    },
                }
            },
            "variants": {
                f"variant-{n}": {"env": {"WHICH": f"{HOSTILE[n % len(HOSTILE)][:200]}{n}"}}
                for n in range(variants)
            },
            "jobs": [
                "portable/{debian,alpine}-*/variant-*",
                "portable/debian-13/variant-{1,2,3,4}@{arm64,s390x}",
                {"job": "portable/debian-13/variant-1", "schedule": "30 4 * * 1,3"},
                {"job": "portable/debian-12/variant-1", "allow_failure": True},
            ],
        },
        ensure_ascii=False,
    )
