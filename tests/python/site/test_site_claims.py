"""What the pages say of claims: of one's own, of void ones, of none, and of what is not executable."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import html5lib
import pytest
from site_reading import payload, text_of

OF_CLAIMS = ("rpt_answers", "rpt_verdicts", "rpt_claim_metrics", "fct_placebo_metrics")
REFEREE = (*OF_CLAIMS, "dim_claims", "rpt_proofs")
REASON = "strategy trend fails the proof truncation"


@pytest.fixture
def changed(sample: Path, built: Callable, tmp_path: Path) -> Callable:
    """Return a function that changes the sample by statements, and reads the pages that are made of it."""

    def run(*statements: str) -> dict:
        warehouse = tmp_path / "warehouse.duckdb"
        shutil.copy(sample, warehouse)
        with duckdb.connect(str(warehouse)) as con:
            for statement in statements:
                con.execute(statement)
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        dist = built(warehouse, tmp_path / "dist")
        return {path.stem: parser.parse(path.read_text(encoding="utf-8")) for path in dist.glob("*.html")}

    return run


def said(element) -> str:
    return " ".join(text_of(element).split())


def claims(pages) -> list:
    return pages["index"].findall(".//section[@class='claim']")


def test_the_three_questions_come_first(pages):
    main = pages["index"].find(".//main")
    (claim,) = claims(pages)
    assert [*main].index(claim) == 1, "after the title"
    asked = [text_of(one) for one in claim.iter("dt")]
    assert asked == ["Is it proven?", "Does it beat always_long?", "Would I have known?"]
    assert payload(pages["index"])["data"]["gains"]["count"] == 1
    answers = pages["index"].findall(".//section[@class='verdict']//li")
    assert len(answers) == 8
    assert all(said(one).split()[1] in ("yes", "no", "inconclusive", "void") for one in answers)


def test_an_own_claim_comes_before_those_that_are_shipped(changed):
    copies = [
        f"insert into marts.{table} select * replace ('mine' as claim_id) from marts.{table}"
        for table in OF_CLAIMS
    ]
    own = """
        insert into marts.dim_claims
        select * replace (
            'mine' as claim_id, 'weighting_equal' as variant_id, 0.25 as minimum_gain, true as is_own,
            'Equal is enough.' as description
        ) from marts.dim_claims
    """
    pages = changed(own, *copies)
    mine, shipped = claims(pages)
    assert "Claim mine Equal is enough." in said(mine)
    assert "where 0.25 was claimed" in said(mine)
    assert "Claim baseline" in said(shipped)
    assert len(pages["index"].findall(".//section[@class='verdict']//li")) == 16
    for name in ("overfitting", "stability", "failures"):
        options = pages[name].findall(".//select[@id='filter-claim_id']/option")
        assert [one.get("value") for one in options] == ["mine", "baseline"], name
        assert "selected" in options[0].attrib
        assert payload(pages[name])["filters"]["claim_id"] == ["mine"], name


def test_a_void_claim_says_so_with_its_reason(changed):
    pages = changed(
        f"update marts.dim_claims set is_void = true, void_reason = '{REASON}'",
        f"update marts.rpt_answers set answer = 'void', sentence = 'Void: {REASON}.'",
        "update marts.rpt_verdicts set answer = 'void', said = 'void'",
        "update marts.rpt_proofs set holds = false where kind = 'strategy' and component = 'trend'"
        " and proof = 'truncation'",
    )
    (claim,) = claims(pages)
    proven = claim.find(".//dd")
    assert said(proven).startswith(f"void No answer is given: {REASON}.")
    held, proofs = (int(one.get("value")) for one in proven.findall("data")[1:])
    assert held < proofs
    assert [one.text for one in claim.iter("b")] == ["void"], "nothing else is answered"
    assert pages["index"].find(".//figure[@data-chart='gains']") is None
    for answer in pages["index"].findall(".//section[@class='verdict']//li"):
        assert said(answer).startswith("∅ void")
        assert said(answer).endswith(f"Void: {REASON}.")


def test_without_the_layer_that_judges_the_pages_say_what_to_run(changed):
    pages = changed(*(f"drop table marts.{table}" for table in REFEREE))
    assert not claims(pages)
    for name, missing in {"index": "layer_referee", "overfitting": "marts.dim_claims"}.items():
        text = said(pages[name].find(".//main"))
        assert missing in text, name
        assert "make build , then make site" in text.replace("make build,", "make build ,"), name
    assert "As published, and as it can be traded" in said(pages["index"])


def test_what_is_not_executable_is_marked_wherever_it_is_chosen_or_named(pages, sample):
    with duckdb.connect(str(sample), read_only=True) as con:
        found = con.execute(
            "select variant_id from marts.dim_variants where not is_executable and detail = 'daily'"
        ).fetchall()
    not_executable = {name for (name,) in found}
    seen = set()
    for name, page in pages.items():
        assert {*payload(page)["not_executable"]} == not_executable, name
        for option in page.iter("option"):
            variant = option.get("value")
            marked = text_of(option).endswith(", not executable")
            assert marked == (variant in not_executable), (name, variant)
            seen.add(variant)
    assert not_executable <= seen
    assert "which is not executable and has no verdict" in said(pages["index"])
