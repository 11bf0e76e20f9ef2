"""What each job gets of a machine."""

from ciforge.run.allocation import GIB, Share, share
from tests.tables import each


@each(
    ("processors", "memory", "jobs", "wanted", "expected"),
    [
        (2, 24, None, 9, Share(jobs=4, make_jobs=2, memory=24 * GIB * 9 // 10 // 4)),
        (2, 24, None, 3, Share(jobs=3, make_jobs=2, memory=24 * GIB * 9 // 10 // 3)),
        (2, 24, None, 1, Share(jobs=1, make_jobs=2, memory=8 * GIB)),
        (8, 16, None, 20, Share(jobs=8, make_jobs=2, memory=16 * GIB * 9 // 10 // 8)),
        (8, 4, None, 20, Share(jobs=2, make_jobs=6, memory=4 * GIB * 9 // 10 // 2)),
        (2, 24, 8, 8, Share(jobs=8, make_jobs=1, memory=24 * GIB * 9 // 10 // 8)),
        (1, 1, None, 3, Share(jobs=1, make_jobs=1, memory=GIB * 9 // 10)),
        (4, 1, 8, 8, Share(jobs=8, make_jobs=1, memory=512 * 1024**2)),
        (4, 16, None, 0, Share(jobs=1, make_jobs=4, memory=8 * GIB)),
    ],
)
def test_allocation_of_processors_and_memory_is_even(
    processors: int, memory: int, jobs: int | None, wanted: int, expected: Share
) -> None:
    assert share(processors, memory * GIB, jobs=jobs, wanted=wanted) == expected
