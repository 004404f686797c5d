"""A world that changes while the app is open: files that go, are edited, or are from tomorrow."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from unittest.mock import patch

from benchmarks.served import ServedApp, served
from benchmarks.tab import Tab, tab
from faults.count import Count, Plan, Tally
from faults.damage import DAMAGES, edit_card, edit_lines
from faults.dataset_damage import WORLDS
from faults.home import Home, build_home, scratch
from urbansound.runs.exclusions import OWN_LIST, excluded_clips
from urbansound.runs.folder import ACTIVE, RunFolder
from urbansound.runs.store import create_run
from urbansound.runs.worker import work

_PATIENCE_S, _LOOK_EVERY_S = 60.0, 0.1
_CLIP = re.compile(r"/api/clip/[-0-9a-f]+/\d+\.wav")
_PAGES = ("", "explore", "train", "runs", "classify")


def suite(plan: Plan) -> Iterator[Count]:
    """Each world in turn, on one served app."""
    with scratch() as folder:
        home = build_home(folder)
        with served(home.data, home.outputs, log_path=folder / "server.log") as app:
            yield _half_deleted(home, app, plan)
            yield _edited(home, app, plan)
            yield _datasets(home, app, plan)
        yield _clock(home, plan)
        yield _two_apps(home, folder, plan)


def _half_deleted(home: Home, app: ServedApp, plan: Plan) -> Count:
    """Each file of a run in turn, damaged in each way, while its page is open."""
    tally = Tally("A file of a run's folder is gone, cut or nonsense: its pages and commands")
    cases = [
        (run.id, path.name, how)
        for run in home.runs
        for path in sorted(run.path.iterdir())
        for how in DAMAGES
        if path.is_file()
    ]
    dice = plan.random("half deleted")
    for run_id, name, how in dice.sample(cases, plan.times(4, len(cases))):
        home.restore()
        others = [run.id for run in home.runs if run.id != run_id]
        with tab(app.address) as page:
            page.open("runs", run=run_id)
            DAMAGES[how](home.outputs / "runs" / run_id / name)
            wrong = [*_see_run(page, run_id), *_commands_on(home, run_id)]
        lost = [other for other in others if other not in {run.id for run in home.runs}]
        wrong += [f"run {other} is lost" for other in lost]
        tally.note(*(f"{name} {how}: {one}" for one in wrong), app.new_traceback())
    home.restore()
    return tally.count()


def _see_run(page: Tab, run_id: str) -> list[str]:
    """What is wrong with the pages that show a run: as it is open, anew, and part by part."""
    page.again()
    wrong = [page.failure]
    page.open("runs", run=run_id)
    wrong.append(page.failure)
    for part in page.titles:
        if part in page.titles:
            page.turn_to(part)
            wrong.append(page.failure)
    for name in ("train", "classify"):
        page.open(name, run=run_id)
        wrong.append(page.failure)
    return list(filter(None, wrong))


def _commands_on(home: Home, run_id: str) -> list[str]:
    """What is wrong with the commands on a run; those that change it come last."""
    on, data = (str(home.clip), "--model", run_id), ("--data", str(home.root))
    calls = [
        *(("runs", "list"), ("runs", "show", run_id), ("runs", "show", run_id, "--json")),
        *(("classify", *on), ("evaluate", *data, "--run", run_id), ("runs", "use", run_id)),
        *(("runs", "resume", run_id), ("runs", "delete", run_id)),
    ]
    return list(filter(None, (home.command(*call) for call in calls)))


def _edited(home: Home, app: ServedApp, plan: Plan) -> Count:
    """Cards and events edited by hand."""
    tally = Tally("A card or the events of a run edited by hand: its pages and commands")
    dice = plan.random("edited")
    for number in range(plan.times(5, 200)):
        home.restore()
        run = home.carded[number % len(home.carded)]
        is_card = dice.random() < 0.6
        path = run.path / ("card.json" if is_card else "events.jsonl")
        what = edit_card(path, dice) if is_card else edit_lines(path, dice)
        with tab(app.address) as page:
            wrong = [*_see_run(page, run.id), *_commands_on(home, run.id)]
        tally.note(*(f"{path.name}, {what}: {one}" for one in wrong), app.new_traceback())
    home.restore()
    return tally.count()


def _datasets(home: Home, app: ServedApp, plan: Plan) -> Count:
    """The dataset goes or changes under an open page; then every page, and an action on each."""
    tally = Tally("The dataset is moved away, emptied or changed under an open page: every action")
    whole = home.data / "kept" / "UrbanSound8K"
    shutil.copytree(home.root, whole)
    dice = plan.random("datasets")
    with tab(app.address) as page:
        tally.note(*_impossible(page))
    for name in [*dice.sample(list(WORLDS), plan.times(3, len(WORLDS)))] * plan.times(1, 5):
        change, said = WORLDS[name]
        with tab(app.address) as page:
            wrong = _live_through(page, app, home, partial(change, home.root), said)
        _put_back(home, whole)
        tally.note(*(f"{name}: {one}" for one in wrong), app.new_traceback())
    return tally.count()


def _put_back(home: Home, whole: Path) -> None:
    for run in home.runs:
        _wait_for_end(run)
    for place in (home.root, home.root.with_name("elsewhere")):
        shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(whole, home.root)
    home.restore()


def _live_through(
    page: Tab, app: ServedApp, home: Home, change: Callable[[], None], said: str
) -> list[str]:
    """Open every page, let the change happen, and act on every page; what went wrong."""
    known = {run.id for run in home.runs}
    for name in _PAGES:
        page.open(name)
    page.open("explore")
    clips = _CLIP.findall(page.source)[:3]
    change()
    words, wrong = [], [page.failure]
    for act in (*_acts(page).values(), lambda: page.open("train"), lambda: page.press("Train")):
        try:
            act()
        except ValueError:  # What there is nothing to do with has no button.
            continue
        wrong.append(page.failure)
        words.append(page.words)
    answers = [app.status_of(clip) for clip in clips]
    wrong += [f"a clip was answered with {status}" for status in answers if status >= 500]
    wrong += [_end_of(run) for run in home.runs if run.id not in known]
    if said not in "\n".join(words).replace("\\", ""):
        wrong.append(f"no page says '{said}'")
    return list(filter(None, wrong))


def _acts(page: Tab) -> dict[str, Callable[[], float]]:
    """What a person may do on Explore, then on the other pages, by name."""
    return {
        "again": page.again,
        **{label: partial(page.press, label) for label in ("Next", "Play all", "More")},
        **{view: partial(page.turn_to, view) for view in _VIEWS},
        **{f"page '{name}'": partial(page.open, name) for name in _PAGES},
        "pick": partial(page.fill, "button_group", "Where the sound comes from", **_PICK),
    }


def _impossible(page: Tab) -> list[str]:
    """Acts that cannot be done though all is well, so that they would try nothing."""
    page.open("explore")
    wrong = []
    for name, act in _acts(page).items():
        try:
            act()
        except ValueError as error:
            wrong.append(f"when all is well: {name}: {error}")
        wrong.append(page.failure)
    return wrong


_VIEWS = ("Balance", "Map", "Compare", "Guess", "Health")
_PICK = {"string_array_value": {"data": ["Pick from the dataset"]}}


def _end_of(run: RunFolder) -> str:
    """What is wrong with the end of a run: that it has none, or that nobody foresaw it."""
    _wait_for_end(run)
    last = run.last_event() or {}
    is_foreseen = last.get("code") != "unforeseen"
    if run.status() in ACTIVE or not is_foreseen:
        return f"the run begun meanwhile is {run.status()}: {last.get('message', '')}"
    return ""


def _wait_for_end(run: RunFolder) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while run.status() in ACTIVE and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)


def _clock(home: Home, plan: Plan) -> Count:
    """The clock is set back while a run waits for its worker, or once it has begun."""
    tally = Tally("The clock is set back, by a minute to ten years, around a training")
    dice = plan.random("clock")
    for number in range(plan.times(2, 40)):
        home.restore()
        back = timedelta(minutes=round(10 ** dice.uniform(0, 6.7)))
        run = create_run(home.outputs, home.runs[-1].spec)
        with patch("urbansound.runs.folder.datetime", _clock_set_back(back, after=number % 4)):
            work(home.outputs, run)
        words = [] if run.status() == "finished" else [f"set back by {back} it is {run.status()}"]
        words += list(filter(None, (home.command("runs", "list"), _use(home, run))))
        old, ahead = home.runs[-1], time.time() + back.total_seconds()
        for path in old.path.iterdir():
            os.utime(path, (ahead, ahead))
        if old.status() != "finished":
            words.append(f"a run of in {back} is {old.status()}")
        tally.note(*words)
    home.restore()
    return tally.count()


def _use(home: Home, run: RunFolder) -> str:
    is_single = not run.spec.is_crossval
    return home.command("runs", "use" if is_single else "show", run.id)


def _clock_set_back(back: timedelta, after: int) -> type[datetime]:
    """A clock that is right for some looks, and behind from then on."""
    looks = iter(range(after))

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def,override]
            moment = datetime.now(tz)
            return moment if next(looks, None) is not None else moment - back

    return Clock


def _two_apps(home: Home, folder: Path, plan: Plan) -> Count:
    """Two apps on the same folders, both at work on the same things."""
    tally = Tally("Two apps on one data and one outputs folder: both train, both hide clips")
    with ExitStack() as stack:
        apps = [
            stack.enter_context(served(home.data, home.outputs, log_path=folder / name))
            for name in ("one.log", "other.log")
        ]
        pages = [stack.enter_context(tab(app.address)) for app in apps]
        for trial in range(plan.times(1, 40)):
            known = {run.id for run in home.runs}
            with ThreadPoolExecutor(len(pages)) as people:
                wrong = list(chain.from_iterable(people.map(_work_at, pages)))
            begun = [run for run in home.runs if run.id not in known]
            if len(begun) != len(pages):
                wrong.append(f"{len(begun)} runs were begun, not {len(pages)}")
            wrong += [_end_of(run) for run in begun]
            wrong += _hide_together(home, trial)
            tally.note(*wrong, *(app.new_traceback() for app in apps))
    return tally.count()


_HIDE = """
import sys
from pathlib import Path
from urbansound.runs.exclusions import OWN_LIST, exclude

outputs, *names = sys.argv[1:]
print("ready", flush=True)
input()
for name in names:
    exclude(Path(outputs), OWN_LIST, name)
"""


def _hide_together(home: Home, trial: int) -> list[str]:
    """Two processes put clips on one list at once; which are not on it."""
    names = [[f"audio/{trial}/{who}-{number}.wav" for number in range(10)] for who in ("a", "b")]
    call = [sys.executable, "-c", _HIDE, str(home.outputs)]
    ends = [
        subprocess.Popen([*call, *hidden], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for hidden in names
    ]
    for process in ends:
        assert process.stdout is not None
        process.stdout.readline()
    for process in ends:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
    codes = [process.wait(_PATIENCE_S) for process in ends]
    kept = set(excluded_clips(home.outputs, OWN_LIST))
    missing = [name for hidden in names for name in hidden if name not in kept]
    return [f"hiding ended with {code}" for code in codes if code] + [
        f"{name} is not hidden" for name in missing
    ]


def _work_at(page: Tab) -> list[str]:
    """Train, and look around; what went wrong."""
    page.open("train")
    page.press("Train")
    wrong = [page.failure]
    for name in _PAGES:
        page.open(name)
        wrong.append(page.failure)
    return list(filter(None, wrong))
