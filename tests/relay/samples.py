"""The answers that the relay's contract shows, word for word."""

from typing import Any

URL = "https://cdn.example/clip.mp4"

SUBMITTED: dict[str, dict[str, Any]] = {
    "flat": {"task_id": "task_abc123", "status": "submitted"},
    "openai": {
        "id": "task_abc123",
        "task_id": "task_abc123",
        "object": "video",
        "model": "m",
        "status": "queued",
        "progress": 0,
        "created_at": 1749300000,
    },
}

DONE: dict[str, dict[str, Any]] = {
    "flat": {
        "task_id": "task_abc123",
        "status": "succeeded",
        "url": URL,
        "format": "mp4",
        "metadata": {"ratio": "16:9", "resolution": "1080p"},
    },
    "openai": {
        "id": "task_abc123",
        "object": "video",
        "status": "completed",
        "progress": 100,
        "created_at": 1749300000,
        "completed_at": 1749300090,
        "expires_at": 1749386400,
        "seconds": "5",
        "size": "1280x720",
        "usage": {"completion_tokens": 108000, "total_tokens": 108000},
        "metadata": {"url": URL},
    },
    "envelope": {
        "code": "success",
        "message": "",
        "data": {
            "task_id": "task_abc123",
            "action": "generate",
            "status": "SUCCESS",
            "progress": "100%",
            "fail_reason": "",
            "result_url": URL,
            "quota": 472500,
            "submit_time": 1749300000,
            "start_time": 1749300004,
            "finish_time": 1749300090,
            "data": {
                "id": "cgt-9",
                "status": "succeeded",
                "content": {"video_url": URL},
                "usage": {"completion_tokens": 108000, "total_tokens": 108000},
            },
        },
    },
}

FAILED: dict[str, Any] = {
    "id": "task_abc123",
    "status": "failed",
    "error": {"code": "OutputVideoSensitiveContentDetected", "message": "content blocked"},
}

MISSING = {"code": "task_not_exist", "message": "no such task", "data": None}
SLOW_DOWN = {"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit"}}
NO_BALANCE = {
    "error": {"message": "user quota is not enough", "type": "new_api_error", "code": "insufficient_user_quota"}
}
NO_MODEL = {"error": {"message": "this key may not use m", "type": "new_api_error", "code": "model_not_allowed"}}
BAD_KEY = {"error": {"message": "invalid token", "type": "authentication_error", "code": "invalid_api_key"}}
BROKEN = {"error": {"message": "upstream is away", "type": "server_error", "code": "upstream_error"}}
