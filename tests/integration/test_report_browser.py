"""The report in a real browser, from a file: nothing complains, nothing is fetched, all can be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Chromium, Page, chromium
from reports import HOSTILE, report

from ciforge.report.html.site import write_site
from ciforge.report.html.status_site import write_status_site
from tests.unit.report.test_status_site import WORDS, matrix, status

INDEX = "index.html"
STATUS = "status/index.html"
BADGE = "status/badges/daemon/master/repository.svg"
JOB = "jobs/portable,alpine-3.24,default.html"
PAGES = (
    INDEX,
    JOB,
    "jobs/portable,fedora-44,clang.html",
    "jobs/filter,fedora-44,default.html",
    STATUS,
)
WIDTHS = (1280, 380)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    site = write_site(report(folder, lines=4000), folder / "site").parent
    write_status_site(status(matrix(WORDS), matrix(WORDS, HOSTILE)), site / "status")
    return site


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def page(browser: Chromium) -> Page:
    return browser.page()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_page_has_no_console_error_loads_nothing_and_fits(
    site: Path, page: Page, name: str, width: int, dark: bool, tmp_path: Path
) -> None:
    address = (site / name).as_uri()
    page.looks(width, dark=dark).opens(address)
    assert page.shoots(tmp_path / "page.png").stat().st_size > 10_000
    assert page.says("document.documentElement.scrollWidth") <= width
    assert page.complaints == []
    assert page.requests == [address]


def test_page_that_loads_a_file_is_detected(page: Page, tmp_path: Path) -> None:
    """The test above can fail."""
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><title>x</title><img src=none.png><script>nothing()</script>")
    page.opens(bad.as_uri())
    assert len(page.requests) == 2
    assert page.complaints


def test_page_follows_the_preferred_colour_scheme(site: Path, page: Page) -> None:
    grounds = [
        page.looks(1280, dark=dark).opens((site / INDEX).as_uri())
        .says("getComputedStyle(document.body).backgroundColor")
        for dark in (False, True)
    ]  # fmt: skip
    assert grounds == ["rgb(247, 246, 243)", "rgb(22, 23, 26)"]


CONTRAST = """
(() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = ([red, green, blue]) => [red, green, blue]
    .map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = one => {
    for (; one; one = one.parentElement) {
      const color = numbers(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || one.closest('style, .sr')) continue;
    const pair = [light(numbers(getComputedStyle(one).color)), light(ground(one))].sort((a, b) => a - b);
    const ratio = (pair[1] + 0.05) / (pair[0] + 0.05);
    if (ratio < 4.5) low.push(`${one.className} ${one.tagName} ${ratio.toFixed(2)}`);
  }
  return [...new Set(low)];
})()
"""
"""Elements whose text stands out too little from what is below it (WCAG 2.2, 1.4.3)."""


@pytest.mark.parametrize("name", [INDEX, JOB, STATUS])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_on_a_page_has_enough_contrast(
    site: Path, page: Page, name: str, dark: bool
) -> None:
    page.looks(1280, dark=dark).opens((site / name).as_uri() + "#L31")
    assert page.says(CONTRAST) == []


def test_text_with_too_little_contrast_is_detected(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><body><p style='color: #999; background: #fff'>pale</p>")
    assert page.opens(bad.as_uri()).says(CONTRAST) == [" P 2.85"]


def test_hostile_text_on_a_page_is_shown_and_inert(site: Path, page: Page) -> None:
    for name in PAGES[:3]:
        page.opens((site / name).as_uri())
        assert HOSTILE[:40] in page.says("document.body.innerText")
        assert page.says("document.querySelectorAll('script, img, iframe').length") == 0
    assert "Page.javascriptDialogOpening" not in [one.get("method") for one in page.chromium.heard]


def test_badge_text_lies_within_its_half(site: Path, page: Page) -> None:
    page.looks(1280).opens((site / BADGE).as_uri())
    ends = page.says(
        "[...document.querySelectorAll('text')].map(one => one.getBBox().x + one.getBBox().width)"
    )
    split = page.says("document.querySelector('path').getBBox().width")
    whole = page.says("document.querySelector('svg').getBBox().width")
    assert ends[0] < split < ends[1] < whole
    assert page.complaints == []


def test_content_security_policy_blocks_injected_content(site: Path, page: Page) -> None:
    """Even if something were not escaped."""
    page.opens((site / INDEX).as_uri())
    page.says(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')"
    )
    page.says("new Promise(done => setTimeout(done, 200))")
    assert page.says("document.title") != "1"
    assert any("Content Security Policy" in one for one in page.complaints)


def test_artifacts_are_shown_as_text(site: Path, page: Page) -> None:
    page.opens(next(site.glob("artifacts/*/*")).as_uri())
    assert page.says("document.contentType") == "text/plain"
    assert page.says("document.title") != "hurt"


def test_first_tab_key_reaches_the_skip_link(site: Path, page: Page) -> None:
    page.opens((site / JOB).as_uri())
    assert page.says("document.querySelector('.skip').getBoundingClientRect().right") < 0
    page.presses("Tab", 9)
    assert page.says("document.activeElement.className") == "skip"
    assert page.says("document.activeElement.getBoundingClientRect().left") >= 0
    assert page.says("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    page.presses("Tab", 9)
    assert page.says("document.activeElement.hash") == "#findings"


def test_tab_key_reaches_every_link_except_line_numbers(site: Path, page: Page) -> None:
    page.opens((site / JOB).as_uri())
    skipped = "[...document.links].filter(one => one.tabIndex < 0 && !one.closest('.l')).length"
    assert page.says(skipped) == 0


def test_link_to_a_line_scrolls_to_it(site: Path, page: Page) -> None:
    page.opens((site / JOB).as_uri() + "#L31")
    assert page.says("document.querySelector(':target').id") == "L31"
    top = page.says("document.querySelector(':target').getBoundingClientRect().top")
    assert 0 <= top < 900


def test_bidirectional_text_stays_on_its_line(site: Path, page: Page) -> None:
    page.looks(1280).opens((site / JOB).as_uri())
    left = "document.querySelector('#{} code').getBoundingClientRect().left"
    assert page.says(left.format("L41")) == page.says(left.format("L42"))


def test_print_style_hides_skip_links(site: Path, page: Page) -> None:
    page.looks(800, media="print").opens((site / INDEX).as_uri())
    assert page.says("getComputedStyle(document.querySelector('.skip')).display") == "none"
    assert page.says("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
