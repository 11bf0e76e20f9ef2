"""`ciforge certify`: builds the whole matrix of a release, and writes what was built."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.cli import completers, options

if TYPE_CHECKING:
    from ciforge.report.certificate import Certificate


@click.command("certify")
@click.argument("tag", metavar="[REPO=]TAG", shell_complete=completers.revisions)
@click.option("--tarball", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help="Build this archive instead of the tree of the tag, which is then only a name.")  # fmt: skip
@click.option("--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", default=".",
              show_default=True, help="Write certificate.txt and certificate.html there.")  # fmt: skip
@options.PARALLEL
@options.JSON_OBJECT
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    tag: str,
    tarball: Path | None,
    folder: Path,
    jobs: int | None,
    as_json: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Build every job of a repository at a release, and write what was built to put beside the release.

    No cache of compilers and steps is used, and no job counts as proven; images with the installed
    packages may be those of earlier runs. certificate.txt and certificate.html say what was
    built where, with which compilers and libraries, how far each system is proven, and the digests of
    the source and of the images. A cross check says that it compiled, never that it passed.

    \b
      ciforge certify v1.2 --tarball hello-1.2.tar.gz --out release
      ciforge certify portable=7.8.0p0

    Exits 0 only if every required job passed and one of them ran natively, 1 if one failed, was skipped
    or did not run, 3 if the engine or the network failed.
    """
    from ciforge.app.certify_release import CertifyOptions, certify
    from ciforge.report.certificate import certificate_text

    certificate, code = certify(
        CertifyOptions(
            tag=tag, tarball=tarball, folder=folder, jobs=jobs, file=file, state_dir=state_dir
        )
    )
    text = json.dumps(_as_json(certificate)) if as_json else certificate_text(certificate).rstrip()
    click.echo(text)
    ctx.exit(code)


def _as_json(certificate: "Certificate") -> dict[str, object]:
    return {
        "v": 1, "project": certificate.run.project, "tag": certificate.tag, "run": certificate.run.id,
        "archive": certificate.archive, "sha256": certificate.sha256,
        "complete": certificate.complete,
        "sources": [
            {"repo": used.repo, "revision": used.revision, "digest": used.digest}
            for used in certificate.run.sources
        ],
        "jobs": [
            {
                "job": row.job, "outcome": row.outcome, "required": row.required, "proof": row.proof,
                "detail": row.detail, "versions": list(row.versions), "base": row.base,
            }
            for row in certificate.rows
        ],
    }  # fmt: skip
