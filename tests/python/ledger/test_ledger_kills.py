"""SIGKILL at every step of an append, and two processes at once: no line is lost, none stands there twice."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kills import KILLS
from ledgers import SESSIONS, texts, trial
from warehouses import ROOT

from plumbline.ledger.chain import HEADS, LINES, read_chain
from plumbline.ledger.store import append, merge, verify
from plumbline.warehouse.lock import locked

# A process with everything imported, which forks for each order; the fork kills itself where a hook says so.
PROGRAM = (
    """
import json, os, signal, sys
from pathlib import Path
sys.path[:0] = [{here!r}, {root!r}]
from plumbline.ledger import store
from plumbline.warehouse import aside
from ledgers import SESSIONS, trial
"""
    + KILLS
    + """
def half_appended(path, lines, is_cut_off, share=0.7):
    whole = b"".join(line.text + b"\\n" for line in lines)
    with path.open("ab") as file:
        file.write(whole[: int(share * len(whole))])
    die()

for line in sys.stdin:
    hook, folder, numbers = json.loads(line)
    child = os.fork()
    if not child:
        os.dup2(2, 1)
        exec(hook)
        store.append(Path(folder), SESSIONS, [trial(number) for number in numbers])
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)

# By step: the hook, and how many of the two new lines are there once the process is dead.
STEPS = {
    "before anything is read": ('kill_at(store, "read_chain")', 0),
    "while the returns are written": ('kill_at(store, "write", before=half_written)', 0),
    "before the returns are renamed": ('kill_at(Path, "replace")', 0),
    "after the returns are renamed": ('kill_at(aside, "sync", 2)', 0),
    "before the lines are written": ('kill_at(store, "_append_text")', 0),
    "while the first line is written": (
        'kill_at(store, "_append_text", before=lambda *args: half_appended(*args, share=0.2))',
        0,
    ),
    "while the second line is written": ('kill_at(store, "_append_text", before=half_appended)', 1),
    "before the last end of line": (
        'kill_at(store, "_append_text", before=lambda *args: half_appended(*args, share=0.9999))',
        1,
    ),
    "once the lines are written": ('kill_at(os, "fsync", 4)', 2),
    "before the last line is named": ('kill_at(store, "_write_heads")', 2),
    "while the last line is named": ('kill_at(store, "write", 2, half_written)', 2),
    "before its name is in place": ('kill_at(Path, "replace", 2)', 2),
    "after its name is in place": ('kill_at(aside, "sync", 4)', 2),
}


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen]:
    program = PROGRAM.format(here=str(Path(__file__).parent), root=str(ROOT))
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


def run_in_fork(runner: subprocess.Popen, hook: str, folder: Path, *numbers: int) -> int:
    """Append trials in a fork of `runner`, with `hook` before it; return how it ended."""
    print(json.dumps([hook, str(folder), numbers]), file=runner.stdin, flush=True)
    return int(runner.stdout.readline())


@pytest.mark.parametrize("before", [(), (1, 2)], ids=["a new ledger", "one with lines"])
@pytest.mark.parametrize(("hook", "there"), STEPS.values(), ids=STEPS)
def test_a_kill_loses_no_line_and_the_next_build_adds_the_rest(
    runner: subprocess.Popen, record: Callable, tmp_path: Path, hook: str, there: int, before: tuple
) -> None:
    folder = record(*before) if before else record()
    if not before:
        append(folder, SESSIONS, [])  # an empty ledger, named as such
    known = texts(folder) if before else []
    assert run_in_fork(runner, hook, folder, 3, 4) == -signal.SIGKILL, "not killed"
    chain, faults = verify(folder)
    assert faults == []
    assert [line.text for line in chain.lines][: len(known)] == known
    assert len(chain.lines) == len(known) + there

    append(folder, SESSIONS, [trial(3), trial(4)])
    chain, faults = verify(folder)
    assert faults == [] and not chain.is_cut_off
    assert [line.values()["variant_id"] for line in chain.lines] == [
        f"variant_{number}" for number in (*before, 3, 4)
    ]
    named = {LINES, HEADS, ".lock", *(line.values()["returns"] for line in chain.lines)}
    left = {path.name for path in folder.iterdir()} - named
    assert not [name for name in left if name.startswith(".")], "nothing half written is left over"


def test_the_first_append_may_be_killed_at_every_write(runner: subprocess.Popen, tmp_path: Path) -> None:
    for call in range(1, 20):
        folder = tmp_path / f"ledger_{call}"
        status = run_in_fork(runner, f'kill_at(os, "fsync", {call})', folder, 1)
        assert verify(folder)[1] == []
        append(folder, SESSIONS, [trial(1)])
        chain, faults = verify(folder)
        assert faults == [] and len(chain.lines) == 1
        if status == 0:
            break
    assert call > 6, "it was killed at every one"


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_killed_merge_leaves_one_of_the_two(record: Callable, call: int) -> None:
    ours, theirs = record(1, 2, name="ours"), record(3, 4, name="theirs")
    before = texts(ours)
    child = os.fork()
    if not child:
        real, calls = os.fsync, []

        def fsync(descriptor: int) -> None:
            calls.append(descriptor)
            if len(calls) == 2 * call:
                os.kill(os.getpid(), signal.SIGKILL)
            real(descriptor)

        os.fsync = fsync
        merge(ours, [theirs])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert set(before) <= set(texts(ours)) and verify(ours)[1] == []
    merge(ours, [theirs])
    assert len(read_chain(ours).lines) == 4 and verify(ours)[1] == []


def appending(folder: Path, *numbers: int) -> subprocess.Popen:
    """Start a process that appends trials."""
    code = (
        "from pathlib import Path; from ledgers import SESSIONS, trial; "
        "from plumbline.ledger.store import append; "
        f"append(Path({str(folder)!r}), SESSIONS, [trial(number) for number in {numbers}])"
    )
    path = os.pathsep.join([str(Path(__file__).parent), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_whoever_comes_second_waits_and_is_told_for_whom(record: Callable, tmp_path: Path) -> None:
    folder = record(1)
    with locked(folder / ".lock", "the trial ledger", "plumbline build"):
        waiting = appending(folder, 2)
        said = waiting.stderr.readline()
        assert f"the trial ledger {folder} is locked by `plumbline build` (process {os.getpid()}" in said
        assert "waiting for it" in said
        assert len(read_chain(folder).lines) == 1
    assert waiting.communicate()[0] is None and waiting.returncode == 0
    assert len(read_chain(folder).lines) == 2 and verify(folder)[1] == []


def test_of_many_at_once_each_adds_its_own_and_the_common_one_once(tmp_path: Path) -> None:
    processes = [appending(tmp_path, 0, number) for number in range(1, 5)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    chain, faults = verify(tmp_path)
    assert faults == []
    assert sorted(line.values()["variant_id"] for line in chain.lines) == [f"variant_{n}" for n in range(5)]
