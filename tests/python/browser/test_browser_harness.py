"""What a page does wrong is noticed, and no page reaches a network."""

import pytest

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>x</title><link rel="icon" href="data:,">
<h1>Here</h1>
{}"""


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("", set()),
        ("<script>console.log('a word')</script>", set()),
        ("<script>console.error('no')</script>", {"console"}),
        ("<script>undefined.x</script>", {"error"}),
        ("<img src='not-there.png'>", {"console", "failed"}),
        ("<img src='https://example.com/x.png'>", {"console", "network", "failed"}),
        ("<script>fetch('http://127.0.0.1:9/').catch(() => 0)</script>", {"console", "network", "failed"}),
    ],
)
def test_what_a_page_does_wrong_is_noticed(open_page, tmp_path, fault, kinds):
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(fault))
    page, complaints = open_page(path)
    page.wait_for_load_state("networkidle")
    assert page.inner_text("h1") == "Here"
    assert {complaint.split(":")[0] for complaint in complaints} == kinds


def test_size_and_colour_scheme_are_those_asked_for(open_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(""))
    page, _ = open_page(path, width=390, height=800, color_scheme="dark")
    assert page.evaluate("[innerWidth, innerHeight]") == [390, 800]
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
