"""The trial ledger: what is added, what shows when it was tampered with, how several become one."""

import hashlib
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from ledgers import FIRST, SESSIONS, rewrite, texts, trial
from warehouses import ROOT, environment

from plumbline.__main__ import cli
from plumbline.ledger.chain import FOLDER, HEADS, LINES, canonical, make_line, read_chain, read_line
from plumbline.ledger.store import LedgerError, append, merge, read_returns, verify

Record = Callable[..., Path]


def faults(folder: Path) -> list[str]:
    return verify(folder)[1]


def test_a_trial_is_recorded_once_and_every_line_follows_the_one_before(record: Record) -> None:
    folder = record(1, 2, 3, 2, 1)
    lines = read_chain(folder).lines
    assert [line.values()["variant_id"] for line in lines] == ["variant_1", "variant_2", "variant_3"]
    assert [line.previous for line in lines] == [(), (lines[0].hash,), (lines[1].hash,)]
    assert [line.recorded_at[11:16] for line in lines] == ["00:00", "00:01", "00:02"]
    assert (folder / HEADS).read_text() == f"3 {lines[2].hash}\n"
    assert faults(folder) == []


def test_the_same_again_changes_no_byte(record: Record) -> None:
    folder = record(1, 2)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    append(folder, SESSIONS, [trial(1), trial(2), trial(2)])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_several_at_once_are_a_chain_too_and_share_a_file_of_returns(tmp_path: Path) -> None:
    added = append(tmp_path, SESSIONS, [trial(number) for number in range(5)])
    lines = read_chain(tmp_path).lines
    assert len(lines) == 5 and added.lines == lines
    assert [line.previous for line in lines[1:]] == [(line.hash,) for line in lines[:-1]]
    assert len(list(tmp_path.glob("returns-*.parquet"))) == 1
    assert faults(tmp_path) == []


def test_returns_come_back_to_the_bit_on_whatever_sessions(record: Record) -> None:
    folder = record(1, 2)
    said = [line.values() for line in read_chain(folder).lines]
    sessions = np.arange(np.datetime64("2012-01-05"), np.datetime64("2012-05-01"))
    found = read_returns(folder, said, sessions)
    for number, line in enumerate(said, start=1):
        own = found[line["key"]]
        np.testing.assert_array_equal(own[: len(SESSIONS) - 3], trial(number).returns[3:])
        assert np.isnan(own[len(SESSIONS) - 3 :]).all()


def edited(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"sharpe":0.6', b'"sharpe":0.7'), *lines[2:]]


def forged(text: bytes) -> bytes:
    line = read_line(text)
    own = ("hash", "previous", "key", "recorded_at")
    values = {name: value for name, value in line.values().items() if name not in own}
    return make_line(line.previous, line.key, line.recorded_at, values | {"sharpe": 9.0}).text


TAMPERED = {
    "edited": (edited, "line 2 was changed"),
    "edited, with its hash made anew": (
        lambda lines: [lines[0], forged(lines[1]), *lines[2:]],
        "line 3 follows a line that is not before it",
    ),
    "one taken out": (lambda lines: lines[:1] + lines[2:], "line 2 follows a line that is not before it"),
    "the first taken out": (lambda lines: lines[1:], "line 1 follows a line that is not before it"),
    "two swapped": (
        lambda lines: [lines[0], lines[2], lines[1], lines[3]],
        "line 2 follows a line that is not before it",
    ),
    "the last two taken out": (lambda lines: lines[:2], "missing"),
    "one twice": (lambda lines: [*lines, lines[1]], "line 5 stands there twice: it is line 2"),
    "a blank line": (lambda lines: [*lines[:2], b"", *lines[2:]], "line 3 was changed"),
    "emptied": (lambda lines: [], "missing"),
}


@pytest.mark.parametrize(("change", "said"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_done_to_it_is_named_by_line(record: Record, change: Callable, said: str) -> None:
    folder = record(1, 2, 3, 4)
    rewrite(folder, change(texts(folder)))
    assert said in faults(folder)[0]
    assert re.search(r"lines? \d", faults(folder)[0])
    append(folder, SESSIONS, [trial(9)])
    assert any(said in fault for fault in faults(folder)), "the next build does not hide it"


def test_a_line_cut_short_by_hand_is_missing(record: Record) -> None:
    folder = record(1, 2, 3)
    whole = (folder / LINES).read_bytes()
    (folder / LINES).write_bytes(whole[:-20])
    assert "line 3 is missing" in faults(folder)[0]
    append(folder, SESSIONS, [trial(3)], now=lambda: FIRST.replace(minute=2))
    assert (folder / LINES).read_bytes() == whole, "tried again it is the very line"
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("text", "said"), [(None, "is missing"), (b"<<<<<<< HEAD\n", "was changed"), (b"3 \xff", "was changed")]
)
def test_names_of_the_last_lines_that_are_gone_are_a_fault(
    record: Record, text: bytes | None, said: str
) -> None:
    folder = record(1, 2, 3)
    (folder / HEADS).unlink() if text is None else (folder / HEADS).write_bytes(text)
    assert faults(folder) == [f"{HEADS}, which names the last line, {said}"]
    append(folder, SESSIONS, [trial(4)])
    assert len(read_chain(folder).lines) == 4 and faults(folder) == []


def test_what_is_no_text_at_all_is_named_and_stops_no_build(record: Record) -> None:
    folder = record(1, 2)
    rewrite(folder, [*texts(folder), b"\xff\x00", b"<<<<<<< HEAD", b"null"])
    assert [fault.split(":")[0] for fault in faults(folder)] == [f"line {n} was changed" for n in (3, 4, 5)]
    append(folder, SESSIONS, [trial(3)])
    assert [line.number for line in read_chain(folder).lines] == [1, 2, 6]


def test_lost_and_changed_returns_are_named_by_line(record: Record) -> None:
    folder = record(1, 2, 3)
    second, third = (line.values()["returns"] for line in read_chain(folder).lines[1:])
    (folder / second).unlink()
    (folder / third).write_bytes(b"something else")
    assert faults(folder) == [
        f"line 2: its returns, {second}, are missing",
        f"line 3: its returns, {third}, were changed",
    ]
    said = [line.values() for line in read_chain(folder).lines]
    assert list(read_returns(folder, said, SESSIONS)) == [said[0]["key"]]


def test_ledgers_of_several_machines_become_one_without_loss(record: Record, tmp_path: Path) -> None:
    """Whatever the order: the same bytes, every line as it was written, and nothing the second time."""
    made = [record(1, 2, name="a"), record(2, 3, 4, name="b", minute=1), record(5, name="c", minute=9)]
    known = {text for folder in made for text in texts(folder)}
    merged = set()
    for number, order in enumerate(permutations(made)):
        into = tmp_path / f"merged_{number}"
        assert merge(into, order) == 6
        assert merge(into, order) == 0
        assert set(texts(into)) == known and faults(into) == []
        merged.add((into / LINES).read_bytes())
    assert len(merged) == 1
    append(into, SESSIONS, [trial(1), trial(7)])
    heads = {read_chain(folder).lines[-1].hash for folder in made}
    last = read_chain(into).lines[-1]
    assert set(last.previous) == heads, "the next line follows the last ones of all machines"
    assert faults(into) == []
    rewrite(into, [text for text in texts(into) if text != texts(made[2])[0]])
    assert "follows a line that is not before it" in faults(into)[0]


def test_common_lines_are_merged_once_and_git_may_unite_them_line_by_line(record: Record) -> None:
    ours, theirs = record(1, 2, name="ours"), record(1, 2, name="theirs")
    record(3, name="ours", minute=3), record(4, 5, name="theirs", minute=4)
    both = [*texts(ours), *(text for text in texts(theirs) if text not in texts(ours))]
    assert merge(ours, [theirs]) == 2
    assert texts(ours) == both
    rewrite(theirs, both)  # what git makes of two branches with merge=union
    (theirs / HEADS).write_bytes((ours / HEADS).read_bytes())
    for path in ours.glob("returns-*"):
        (theirs / path.name).write_bytes(path.read_bytes())
    assert faults(theirs) == []


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_unites_two_branches_of_a_ledger(record: Record, tmp_path: Path) -> None:
    """As docs/explanation/hindsight.md says: no conflict, no line lost, and the next one follows both."""

    def git(*arguments: str) -> None:
        settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *settings, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch", "one")
    page = (ROOT / "docs" / "explanation" / "hindsight.md").read_text()
    (attributes,) = re.findall(r"```ini data/raw/\.gitattributes\n(.*?)```", page, re.DOTALL)
    (tmp_path / ".gitattributes").write_text(attributes)

    def commit(*numbers: int, minute: int) -> None:
        record(*numbers, minute=minute)
        git("add", "--all", ":!ledger/.lock")
        git("commit", "--message", "trials")

    commit(1, 2, minute=0)
    git("branch", "two")
    commit(3, 4, minute=5)
    git("checkout", "two")
    commit(3, 5, minute=7)
    git("merge", "one", "--message", "both")
    folder = tmp_path / FOLDER
    chain, found = verify(folder)
    assert found == [] and len(chain.lines) == 6 and len(chain.heads) == 2
    record(6, minute=9)
    chain, found = verify(folder)
    assert found == [] and len(chain.lines[-1].previous) == 2 and len(chain.heads) == 1
    rewrite(folder, texts(folder)[:-1])
    assert "line 7 is missing" in faults(folder)[0]


def test_a_changed_line_is_not_merged_away(record: Record) -> None:
    ours, theirs = record(1, name="ours"), record(2, 3, name="theirs")
    rewrite(theirs, [texts(theirs)[0].replace(b"variant_2", b"variant_x"), texts(theirs)[1]])
    before = (ours / LINES).read_bytes()
    with pytest.raises(LedgerError, match=r"theirs/trials\.jsonl: line 1 was changed"):
        merge(ours, [theirs])
    with pytest.raises(LedgerError, match="there is no ledger"):
        merge(ours, [ours.parent / "none"])
    assert (ours / LINES).read_bytes() == before


def command(tmp_path: Path, *arguments: object) -> Result:
    with environment(LANDING_PATH=str(tmp_path)):
        return CliRunner().invoke(cli, ["ledger", *map(str, arguments)])


def test_the_command_verifies_shows_and_merges(record: Record, tmp_path: Path) -> None:
    assert "Verified 0 lines" in command(tmp_path, "verify").stdout
    folder, other = record(1, 2, 3), record(8, name="other")
    done = command(tmp_path, "verify")
    assert (done.exit_code, done.stdout) == (0, f"Verified 3 lines in {folder / LINES}: all are whole.\n")
    done = command(tmp_path, "show", "--last", 2)
    assert done.stdout.splitlines() == [
        "     2  2026-01-02T00:01:00  variant_2  sharpe 0.67  gain unknown  AAPL",
        "     3  2026-01-02T00:02:00  variant_3  sharpe 1.00  gain unknown  AAPL",
        f"3 lines of 3 trials in {folder / LINES}.",
    ]
    assert "Added 1 line to" in command(tmp_path, "merge", other).stdout
    rewrite(folder, [text for text in texts(folder) if b"variant_1" not in text])
    done = command(tmp_path, "verify")
    assert done.exit_code == 1
    assert re.match(f"Error: {folder / LINES}: line . follows a line that is not before it", done.stderr)
    done = command(tmp_path, "merge", tmp_path / "none")
    assert done.exit_code == 1 and "there is no ledger" in done.stderr


def test_a_hundred_thousand_lines_cost_a_build_less_than_two_seconds(tmp_path: Path) -> None:
    values = json.loads(canonical(trial(1).values)) | {"returns": "returns-0.parquet"}
    values["parameters"] = {f"parameter_number_{number}": number / 7 for number in range(25)}
    text, name = canonical(values)[1:], ""
    with (tmp_path / LINES).open("w") as file:
        for number in range(100_000):
            before = f'"previous":{canonical([name] if name else [])},"key":"{number:064x}",'
            rest = f'{before}"recorded_at":"2026-01-01T00:00:00+00:00",{text}'
            name = hashlib.sha256(rest.encode()).hexdigest()
            file.write(f'{{"hash":"{name}",{rest}\n')
    (tmp_path / HEADS).write_text(f"100000 {name}\n")
    began = time.process_time()
    chain = append(tmp_path, SESSIONS, [trial(1)])
    assert len(chain.lines) == 100_001 and not chain.faults
    assert time.process_time() - began < 2.0
