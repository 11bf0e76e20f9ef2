"""The form of ids, which name files, images and jobs."""

import re

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
DEPENDENCY = ID
PACKAGE = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9._+:@/%=~-]{0,127}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~_-]{0,127}")
"""A version of a package, as package managers print it."""
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def is_id(text: str) -> bool:
    """Whether `text` may name a project, repository, variant, source, release or step."""
    return ID.fullmatch(text) is not None


def file_name(job_id: str) -> str:
    """A job's id as the name of a file or artifact: `portable,debian-13,default`."""
    return job_id.replace("/", ",")
