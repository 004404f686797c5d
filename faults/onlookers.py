"""The app on a network without a gate: what can be pressed, forged or written there."""

import random
from collections.abc import Iterator
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from faults.count import Count, Plan, Tally
from faults.shared_app import StartedApp, started
from faults.visit import Visit, buttons, clicked, opened, visiting

ON_A_NETWORK = "--server.address=0.0.0.0"
# What a visitor may press, for it changes nothing but what they see.
HARMLESS = ("UrbanSound8K", "Open this clip", "Other clips", "Swap", "Guess without a model")
# What has to be found where the app is this computer's own, else the walk sees nothing.
EXPECTED = ("Train", "Show me the leak", "Resume", "Delete it", "Open", "Look again")
FORGED = {"x_forwarded_for": "127.0.0.1", "x_real_ip": "127.0.0.1"}

Seen = dict[tuple[str, str], dict[str, str]]


def seen_by_the_owner(app: StartedApp) -> Seen:
    """The buttons of every page where the app is this computer's own."""
    with visiting(app.port) as visit:
        return _walk(visit, _quiet_places(app))


def onlookers(folder: Path, known: Seen, plan: Plan) -> Iterator[Count]:
    """The same walk as a stranger, and presses of what the owner has: `known`."""
    labels = {label for seen in known.values() for label in seen.values()}
    with started(folder, ON_A_NETWORK) as app:
        before = app.files()
        yield _nothing_to_press(app, labels)
        yield _nothing_forged(app, known, plan)
        tally = Tally("Files of the data and outputs that strangers added, changed or removed")
        after = app.files()
        for path in sorted(before.keys() | after.keys()):
            is_same = before.get(path) == after.get(path)
            tally.note("" if is_same else f"{path} is not as it was")
        tally.note(app.complaint)
        yield tally.count(f"{len(after)} files")


def _quiet_places(app: StartedApp) -> list[tuple[str, str]]:
    """Pages with their addresses' queries; none of them begins a job by itself."""
    views = ("Health", "Compare", "Guess")
    explored = [("explore", f"view={view}") for view in views]
    return [("", ""), ("train", ""), ("runs", f"run={app.run_id}"), *explored, ("classify", "")]


def _places(app: StartedApp) -> list[tuple[str, str]]:
    more = [("explore", f"view={view}") for view in ("Sounds", "Map", "Balance")]
    return [*_quiet_places(app), *more]


def _walk(visit: Visit, places: list[tuple[str, str]]) -> Seen:
    """The buttons of each place, those in what opens as well."""
    seen: Seen = {}
    for place in places:
        messages = visit.see(*place)
        seen[place] = buttons(messages)
        panels = opened(messages)
        if panels:
            seen[place] |= buttons(visit.see(*place, panels))
    return seen


def _nothing_to_press(app: StartedApp, labels: set[str]) -> Count:
    tally = Tally("Shared without a gate, no page has a button that changes anything")
    missing = [name for name in EXPECTED if name not in labels]
    tally.note(f"not even the owner finds {missing}" if missing else "")
    for headers in ({}, FORGED):
        with visiting(app.port, **headers) as visit:
            for place, seen in _walk(visit, _places(app)).items():
                found = [label for label in seen.values() if label not in HARMLESS]
                tally.note(f"{place} has {found}" if found else "")
    return tally.count(f"the owner has {len(labels - set(HARMLESS))} of them")


def _nothing_forged(app: StartedApp, known: Seen, plan: Plan) -> Count:
    """Presses of buttons that were never drawn here, by the ids they have elsewhere."""
    tally = Tally("Presses forged for buttons that are not there do nothing")
    dice = plan.random("presses")
    before = app.files()
    for _ in range(plan.times(1, 20)):
        with visiting(app.port, **FORGED) as visit:
            for place, seen in known.items():
                for button in (one for one in seen if seen[one] not in HARMLESS):
                    visit.see(*place, [*clicked([button]), *_typed(dice)])
                    tally.note("" if app.files() == before else f"{seen[button]!r} did something")
                    before = app.files()
    return tally.count()


def _typed(dice: random.Random) -> list[WidgetState]:
    """A path typed into a field that is not there."""
    return [WidgetState(id=f"$$ID-{dice.getrandbits(128):032x}-open_path", string_value="/etc")]
