"""What changed between two manifests, in the order in which it matters: power first, then promises, then words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from marketplace.manifest import comparing_scenarios as scenarios
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.flattening import flat
from marketplace.manifest.inputs import properties
from marketplace.manifest.permissions import Meaning, Permission
from marketplace.manifest.powers import tools_of
from marketplace.manifest.specs import CrewSpec
from marketplace.manifest.text import semver_key
from simulations.engine.spec import AbmSpec

Level = Literal["major", "minor", "patch"]
RANK: dict[Level, int] = {"patch": 0, "minor": 1, "major": 2}
PROMPTS = {"role", "goal", "backstory", "description", "expected_output", "guardrail", "condition"}
TIGHTENED = {"minLength", "minimum"}, {"maxLength", "maximum"}


@dataclass(frozen=True, slots=True)
class Change:
    """One value; `path` as in `spec.tasks.write_brief.description`, None where there was or is none."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Widened:
    """A permission that reaches further than before, under the same code."""

    before: Meaning
    after: Meaning


@dataclass(frozen=True, slots=True)
class PermissionChanges:
    added: tuple[Meaning, ...] = ()
    removed: tuple[Meaning, ...] = ()
    widened: tuple[Widened, ...] = ()
    narrowed: tuple[Widened, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """`reasons` says why the level is what it is, each a sentence; `freer` those of them that widen it without a permission.
    `settings` is what is neither text, power, input nor bound."""

    permissions: PermissionChanges
    prompts: tuple[Change, ...]
    tools: Names
    inputs: tuple[Change, ...]
    limits: tuple[Change, ...]
    settings: tuple[Change, ...]
    evaluation: tuple[Change, ...]
    words: tuple[Change, ...]
    level: Level
    widens: bool
    reasons: tuple[str, ...]
    freer: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two say the same, but for their version and what was written about the change."""
        seen = (self.prompts, self.inputs, self.limits, self.settings, self.evaluation, self.words)
        return not any(seen) and self.permissions == PermissionChanges() and self.tools == Names()


def compare(old: Manifest, new: Manifest) -> Difference:
    """What `new` changes; `widens` when it takes power, money or a person's say that `old` did not take."""
    permissions, changes = _permissions(old, new), list(_changes(old, new))
    freer = tuple(_freer(old, new))
    wider = [*_wider(permissions), *freer]
    breaking = [*_breaking_inputs(old, new), *_breaking_needs(old, new), *_breaking_output(old, new)]
    if isinstance(old.spec, AbmSpec) and isinstance(new.spec, AbmSpec):
        breaking += scenarios.breaking(old.spec, new.spec)
    sorted_changes = {name: tuple(c for c in changes if _section(c.path) == name) for name in SECTIONS}
    added = _additions(sorted_changes, permissions)
    level: Level = "major" if wider or breaking else "minor" if added else "patch"
    before, after = set(tools_of(old.spec)), set(tools_of(new.spec))
    return Difference(
        permissions=permissions,
        tools=Names(tuple(sorted(after - before)), tuple(sorted(before - after))),
        level=level,
        widens=bool(wider),
        freer=freer,
        reasons=(*wider, *breaking, *added) or ("Only texts differ.",),
        **sorted_changes,
    )


def proposed_version(old: str, difference: Difference) -> str:
    """The next semantic version; of a pre-release, the release that it leads to is enough for a patch."""
    numbers, _, suffix = old.partition("-")
    major, minor, patch = (int(part) for part in numbers.split("."))
    match difference.level:
        case "major":
            return f"{major + 1}.0.0"
        case "minor":
            return f"{major}.{minor + 1}.0"
        case _:
            return numbers if suffix else f"{major}.{minor}.{patch + 1}"


def is_enough(old: str, new: str, difference: Difference) -> bool:
    """Whether the author's own number is at least the proposed one, and so says how much changed."""
    return semver_key(new) >= semver_key(proposed_version(old, difference))


SECTIONS = ("prompts", "inputs", "limits", "settings", "evaluation", "words")


def _section(path: str) -> str:
    top, _, rest = path.partition(".")
    if top in {"metadata", "disclosure", "permissions"}:
        return "words"
    if top in {"inputs", "limits", "evaluation"}:
        return top
    if ".limits." in rest or scenarios.is_bound(path):
        return "limits"
    if scenarios.is_prompt(path):
        return "prompts"
    return "prompts" if top == "spec" and rest.rpartition(".")[2] in PROMPTS else "settings"


def _changes(old: Manifest, new: Manifest) -> Iterator[Change]:
    before, after = flat(old), flat(new)
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            yield Change(path, before.get(path), after.get(path))


def _permissions(old: Manifest, new: Manifest) -> PermissionChanges:
    before = {permission.meaning().code: permission for permission in old.permissions}
    after = {permission.meaning().code: permission for permission in new.permissions}
    both = [(before[code], after[code]) for code in before if code in after]
    return PermissionChanges(
        added=tuple(after[code].meaning() for code in after if code not in before),
        removed=tuple(before[code].meaning() for code in before if code not in after),
        widened=tuple(Widened(a.meaning(), b.meaning()) for a, b in both if _reaches_further(a, b)),
        narrowed=tuple(Widened(a.meaning(), b.meaning()) for a, b in both if _reaches_further(b, a)),
    )


def _reaches_further(one: Permission, other: Permission) -> bool:
    """Whether `other` allows something that `one` does not; for tools, no scopes at all allow everything."""
    narrow, wide = one.scopes(), other.scopes()
    beyond = bool(narrow) and (not wide or not wide <= narrow)
    return beyond or other.amount() > one.amount()


def _wider(permissions: PermissionChanges) -> Iterator[str]:
    yield from (f"It asks for more: {meaning.sentence}." for meaning in permissions.added)
    for widened in permissions.widened:
        yield f"It asks for more: {widened.after.sentence}; so far: {widened.before.sentence}."


def _freer(old: Manifest, new: Manifest) -> Iterator[str]:
    """More money, and fewer questions to a person, are power too."""
    if old.limits.usd and (not new.limits.usd or new.limits.usd > old.limits.usd):
        bound = f"${new.limits.usd:.2f}" if new.limits.usd else "what the workspace allows"
        yield f"A run may cost up to {bound} instead of ${old.limits.usd:.2f}."
    for tool, where in sorted(_asked(old) - _asked(new)):
        if tool in tools_of(new.spec):
            yield f"It no longer asks a person before it uses {tool} ({where})."
    if isinstance(old.spec, AbmSpec) and isinstance(new.spec, AbmSpec):
        yield from scenarios.freer(old.spec, new.spec)
    for task in sorted(_looked_at(old) - _looked_at(new)):
        if task in _tasks(new):
            yield f"A person no longer looks at the answer of {task}."


def _asked(manifest: Manifest) -> set[tuple[str, str]]:
    tasks = manifest.spec.tasks if isinstance(manifest.spec, CrewSpec) else ()
    everywhere = {(tool, "in every task") for tool in manifest.approvals}
    in_tasks = {(tool, task.name) for task in tasks for tool in task.ask_before_tools if tool not in manifest.approvals}
    return everywhere | in_tasks


def _looked_at(manifest: Manifest) -> set[str]:
    tasks = manifest.spec.tasks if isinstance(manifest.spec, CrewSpec) else ()
    return {task.name for task in tasks if task.human_input}


def _tasks(manifest: Manifest) -> set[str]:
    return {task.name for task in manifest.spec.tasks} if isinstance(manifest.spec, CrewSpec) else set()


def _breaking_inputs(old: Manifest, new: Manifest) -> Iterator[str]:
    before, after = properties(old.inputs), properties(new.inputs)
    yield from (f"The input “{name}” is gone." for name in before if name not in after)
    required = _required(new)
    for name in after:
        if name in required and (name not in before or name not in _required(old)):
            yield f"The input “{name}” has to be given now."
        if name in before and _is_tighter(before[name], after[name]):
            yield f"The input “{name}” takes less than before."


def _required(manifest: Manifest) -> set[str]:
    """Inputs that a run cannot do without: required, and without a default."""
    fields = properties(manifest.inputs)
    named = manifest.inputs.json_schema.get("required", []) if manifest.inputs else []
    return {name for name in named if "default" not in fields.get(name, {})}


def _is_tighter(old: Any, new: Any) -> bool:
    if old.get("type") != new.get("type"):
        return True
    if "enum" in new and ("enum" not in old or not set(map(str, old["enum"])) <= set(map(str, new["enum"]))):
        return True
    least, most = TIGHTENED
    return any(new.get(word, float("-inf")) > old.get(word, float("-inf")) for word in least) or any(
        new.get(word, float("inf")) < old.get(word, float("inf")) for word in most
    )


def _breaking_needs(old: Manifest, new: Manifest) -> Iterator[str]:
    have = {need.capability: need.min_context for need in old.requires.models}
    for need in new.requires.models:
        if need.capability not in have:
            yield f"It needs a model for {need.capability}."
        elif need.min_context > have[need.capability]:
            yield f"It needs a model that reads {need.min_context:,} tokens at once."
    if any(n.offline for n in old.requires.models) and not new.offline:
        yield "It no longer works without a language model."
    slots = {slot.slot for slot in old.requires.credentials if slot.required}
    for slot in new.requires.credentials:
        if slot.required and slot.slot not in slots:
            yield f"It needs the credential “{slot.slot}”."


def _breaking_output(old: Manifest, new: Manifest) -> Iterator[str]:
    """What reads the last task's JSON must find there what it found."""
    if not isinstance(old.spec, CrewSpec) or not isinstance(new.spec, CrewSpec):
        if old.kind != new.kind:
            yield f"It was a {old.kind.lower()} and is a {new.kind.lower()}."
        return
    before, after = old.spec.tasks[-1].output_schema, new.spec.tasks[-1].output_schema
    if before is not None and after is None:
        yield "Its answer is no longer JSON."
    gone = _promised(before).keys() - _promised(after).keys()
    yield from (f"Its answer no longer has “{name}”." for name in sorted(gone) if after is not None)


def _promised(schema: dict[str, Any] | None) -> dict[str, Any]:
    found = (schema or {}).get("properties", {})
    return found if isinstance(found, dict) else {}


def _additions(changes: dict[str, tuple[Change, ...]], permissions: PermissionChanges) -> list[str]:
    told = []
    if changes["inputs"]:
        told.append("Its inputs differ, and those that fitted still do.")
    if changes["settings"] or changes["limits"]:
        told.append("Its structure, its settings or its limits differ.")
    if permissions.removed or permissions.narrowed:
        told.append("It asks for less.")
    if any(change.path == "disclosure.data_goes_to" for change in changes["words"]):
        told.append("It says otherwise who receives data.")
    return told
