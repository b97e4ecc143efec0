"""What keeps the house as it is drawn: imports, models, tasks, public pages, settings, migrations, sizes, words."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from generations import models as listed
from generations import queue, tasks
from generations.health import status
from generations.web import routes
from tests.web.ground import addresses

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE_LINES = 300
LONGEST_TEST_LINES = 450
LONGER_FILES = {"relayweb/settings.py": 480}  # one file by plan: every setting in one place
OURS = ("*.py", "*.html", "*.css", "*.js", "*.md", "*.toml", "Makefile", ".ci/run")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|Not" r"Implemented(?:Error)?\b")
HOMELESS = {"utils", "helpers", "services", "common", "constants", "base"}
PUBLIC = {
    "healthz",
    "csp_report",
    "callback",
    "lent",
    "share",
    "share_unlock",
    "share_clip",
    "share_poster",
    "share_comment",
    "invitation",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
    "account_login",
    "account_signup",
    "account_logout",
    "account_inactive",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}


def tracked(*patterns: str) -> list[Path]:
    """Our files, as git knows them; vendored ones are not ours."""
    names = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    paths = [ROOT / name for name in names if name and not name.startswith("static/vendor/")]
    return [path for path in paths if path.is_file() and "migrations" not in path.parts]


def test_imports_point_down_the_house() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout


def test_models_lists_every_room() -> None:
    known = {model.__name__ for model in apps.get_app_config("generations").get_models(include_auto_created=False)}
    assert set(listed.__all__) == known


def test_models_are_defined_in_their_rooms() -> None:
    rooms = {path.parent.name for path in (ROOT / "generations").glob("*/models.py")}
    named = {getattr(listed, name).__module__ for name in listed.__all__}
    assert {module.split(".")[1] for module in named} == rooms


def woken() -> set[str]:
    """The task names in `wake("…")`, as written in the source."""
    found = set()
    for path in tracked("generations/*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("wake") and call.args:
                found |= {ast.literal_eval(call.args[0])} if isinstance(call.args[0], ast.Constant) else set()
    return found


def test_every_task_that_is_woken_exists() -> None:
    assert woken() != set()
    assert {name for name in woken() | queue.CLUSTER_OF.keys() if not callable(getattr(tasks, name, None))} == set()


def test_every_task_is_woken_by_somebody() -> None:
    module = ast.parse(Path(tasks.__file__).read_text())
    functions = [part for part in module.body if isinstance(part, ast.FunctionDef) and part.returns]
    entries = {part.name for part in functions if part.returns and ast.unparse(part.returns) == "None"}
    beats = {f"beat_{name}" for name in status.CLUSTERS}
    assert entries == woken() | beats


def views(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        else:
            yield pattern


def test_public_views_are_the_listed_ones() -> None:
    public = {view.name for view in views() if not getattr(view.callback, "login_required", True)}
    assert public == PUBLIC


def test_every_address_says_which_right_it_needs() -> None:
    named, declared = addresses().keys(), routes.ROUTES.keys()
    missing = {name for name in named if name not in declared and f"{name.rpartition(':')[0]}:" not in declared}
    assert missing == set(), (
        'Give each a line in ROUTES of generations/web/routes.py: "name": reads(WATCH) for GET, acts(GENERATE) for POST'
        ", or both with |. The rights are in rights.py. A new part of an address (collection_id) also gets a row and a "
        "line in tests/web/ground.py, a form that must carry something to be more than refused a line in its FORMS; "
        "then run tests/web/test_rights.py."
    )
    gone = {name for name in declared if name not in named and not any(one.startswith(name) for one in named)}
    assert gone == set()


def settings_read() -> dict[str, str]:
    """name -> default as written, of each env_…("NAME", default) in settings.py."""
    found = {}
    for call in ast.walk(ast.parse((ROOT / "relayweb/settings.py").read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.startswith("env_"):
            name, default = [*map(ast.unparse, call.args), "", ""][:2]
            if name.startswith("'"):
                found[ast.literal_eval(name)] = default
    return found


def test_every_setting_is_in_the_docs() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    assert {name for name, _ in rows} == settings_read().keys()


@pytest.mark.parametrize(("name", "default"), [(name, default) for name, default in settings_read().items() if default])
def test_every_plain_default_is_in_the_docs(name: str, default: str) -> None:
    """Defaults that are worked out from others are told in words there."""
    rows = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE))
    try:
        plain = str(ast.literal_eval(default))
    except ValueError:
        assert rows[name]
    else:
        assert rows[name] == f"`{plain}`"


def test_every_scenario_word_is_in_the_docs() -> None:
    from generations.sandbox.scenarios import SCENARIOS

    text = (ROOT / "docs/operating.md").read_text()
    assert {word for word in SCENARIOS if f"| `[{word}]` |" not in text} == set()


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_files_are_short() -> None:
    long = {}
    for path in tracked("*.py", "*.html", "*.css", "*.js"):
        name, lines = str(path.relative_to(ROOT)), path.read_text().count("\n")
        longest = LONGEST_TEST_LINES if name.startswith("tests/") else LONGER_FILES.get(name, LONGEST_FILE_LINES)
        if lines > longest:
            long[name] = lines
    assert long == {}


def test_modules_are_named_by_what_lies_in_them() -> None:
    assert {path for path in tracked("*.py") if path.stem in HOMELESS} == set()


def test_modules_say_in_their_first_line_what_lies_in_them() -> None:
    silent = {path for path in tracked("*.py", ":!tests") if path.read_text().strip() and not path_says(path)}
    assert silent == set()


def path_says(path: Path) -> bool:
    return bool(ast.get_docstring(ast.parse(path.read_text())))


def test_nothing_is_left_unfinished() -> None:
    assert {path for path in tracked(*OURS) if UNFINISHED.search(path.read_text())} == set()
