"""A request that was sent, written as a script would send it: `{{ body|as_curl }}`, `{{ body|as_python }}`. No keys."""

from __future__ import annotations

import json
import pprint
import shlex
from typing import Any

from django import template
from django.conf import settings

from generations.jobs.sending import CALLBACK_HIDDEN

register = template.Library()

Body = dict[str, Any]


@register.filter
def as_curl(body: Body) -> str:
    """For a shell in which RELAY_API_KEY is set."""
    sent = json.dumps(_own(body), ensure_ascii=False, indent=2)
    return (
        f"curl {shlex.quote(_address(body))} \\\n"
        '  -H "Authorization: Bearer $RELAY_API_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data {shlex.quote(sent)}\n"
    )


@register.filter
def as_python(body: Body) -> str:
    """Standard library alone; the key comes from the environment."""
    sent = pprint.pformat(_own(body), indent=4, width=88, sort_dicts=False)
    return (
        "import json\nimport os\nimport urllib.request\n\n"
        f"body = {sent}\n"
        "request = urllib.request.Request(\n"
        f"    {_address(body)!r},\n"
        "    data=json.dumps(body).encode(),\n"
        "    headers={\n"
        '        "Authorization": f"Bearer {os.environ[\'RELAY_API_KEY\']}",\n'
        '        "Content-Type": "application/json",\n'
        "    },\n"
        ")\n"
        "with urllib.request.urlopen(request, timeout=180) as answer:\n"
        "    print(json.load(answer))\n"
    )


def _address(body: Body) -> str:
    path = "/video/generations" if "seconds" in body else "/images/generations"
    return f"{settings.RELAY_URL}{path}"


def _own(body: Body) -> Body:
    """Without the address at which the relay calls this studio back."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("callback_url") != CALLBACK_HIDDEN:
        return body
    return body | {"metadata": {name: value for name, value in metadata.items() if name != "callback_url"}}
