"""How the double answers when it does not answer well, by the fault's name in weather.py."""

import httpx

PAGE = "<html><body>Bad gateway</body></html>"

# What befalls a submit, by its name in weather.py: not accepted, …
REFUSALS = {
    "bad_request": (400, "prompt is not allowed"),
    "bad_key": (401, "invalid token"),
    "no_balance": (403, "quota is not enough: balance 0"),
    "unknown_model": (404, "no such model"),
    "own_500": (500, "upstream failed"),
    "own_503": (503, "no channel"),
}
WAITS = {"rate_limited": (1, 5, 60), "long_rate_limit": (900, 3600, 7200)}  # seconds of Retry-After
# … or accepted, and the answer is lost, no answer, or late.
BREAKS: dict[str, type[httpx.TransportError]] = {
    "answer_lost": httpx.ReadTimeout,
    "answer_cut": httpx.RemoteProtocolError,
}
PAGES = {"proxy_502_taken": 502, "proxy_504_taken": 504, "html_taken": 200}
DELAYS = {"callback_first": (0.5, 3), "slow": (1, 60), "very_slow": (60, 139)}
# What befalls a read and says nothing of the task.
SAID_NO = '{"error": {"message": "not now", "type": "relay_error", "code": "e"}}'
UNREADABLE = {
    "own_500": (500, SAID_NO),
    "proxy_502": (502, PAGE),
    "rate_limited": (429, SAID_NO),
    "bad_key": (401, SAID_NO),
    "not_json": (200, "{"),
    "null": (200, "null"),
}
