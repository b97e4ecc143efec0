"""The right that each address needs, by its name. An address that does not stand here answers nobody.

A new address takes one line: `"name": reads(WATCH)` for GET and HEAD, `acts(GENERATE)` for POST, or both with `|`.
A whole namespace is declared by its name and a colon: `"admin:"`.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import ResolverMatch

from generations.web.rights import (
    ADJUST,
    AUDIT,
    DECIDE,
    GATHER,
    GENERATE,
    HAVE_ACCOUNT,
    MAKE_PROJECTS,
    MANAGE,
    OPEN_LINK,
    OPERATE,
    PEOPLE,
    RECONCILE,
    REVIEW,
    SEE_ALL_MONEY,
    SEE_OWN_MONEY,
    SET_BUDGET,
    SET_PRICES,
    SHARE,
    SIGN_IN,
    SPEAK,
    WATCH,
    Right,
)

type Way = Mapping[str, Right]  # method -> what it needs; a method that is not there is refused


def reads(right: Right) -> dict[str, Right]:
    return {"GET": right, "HEAD": right}


def acts(right: Right) -> dict[str, Right]:
    return {"POST": right}


CLOSED: Way = {}  # a page of allauth that this studio does not have: 404

ROUTES: dict[str, Way] = {
    # the front door
    "home": reads(HAVE_ACCOUNT),
    "healthz": reads(SIGN_IN),
    "csp_report": acts(SIGN_IN),
    "callback": acts(SIGN_IN),
    "lent": reads(SIGN_IN),
    # one's account
    "account": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "theme": acts(HAVE_ACCOUNT),
    "session_end": acts(HAVE_ACCOUNT),
    "sessions_end": acts(HAVE_ACCOUNT),
    "account_login": reads(SIGN_IN) | acts(SIGN_IN),
    "account_logout": reads(SIGN_IN) | acts(SIGN_IN),
    "account_signup": reads(SIGN_IN) | acts(SIGN_IN),
    "account_inactive": reads(SIGN_IN),
    "account_reauthenticate": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "account_change_password": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "account_reset_password": reads(SIGN_IN) | acts(SIGN_IN),
    "account_reset_password_done": reads(SIGN_IN),
    "account_reset_password_from_key": reads(SIGN_IN) | acts(SIGN_IN),
    "account_reset_password_from_key_done": reads(SIGN_IN),
    "mfa_index": reads(HAVE_ACCOUNT),
    "mfa_authenticate": reads(SIGN_IN) | acts(SIGN_IN),
    "mfa_reauthenticate": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_activate_totp": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_deactivate_totp": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_view_recovery_codes": reads(HAVE_ACCOUNT),
    "mfa_download_recovery_codes": reads(HAVE_ACCOUNT),
    "mfa_generate_recovery_codes": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_list_webauthn": reads(HAVE_ACCOUNT),
    "mfa_add_webauthn": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_edit_webauthn": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_remove_webauthn": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_reauthenticate_webauthn": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "mfa_login_webauthn": reads(SIGN_IN) | acts(SIGN_IN),
    "openid_connect_login": reads(SIGN_IN) | acts(SIGN_IN),
    "openid_connect_callback": reads(SIGN_IN),
    "socialaccount_login_cancelled": reads(SIGN_IN),
    "socialaccount_login_error": CLOSED,
    "socialaccount_signup": CLOSED,
    "socialaccount_connections": CLOSED,
    "account_email": CLOSED,
    "account_email_verification_sent": CLOSED,
    "account_confirm_email": CLOSED,
    "account_confirm_login_code": CLOSED,
    "account_set_password": CLOSED,
    # what one is told
    "notices": reads(HAVE_ACCOUNT),
    "notice": reads(HAVE_ACCOUNT),
    "notice_news": reads(HAVE_ACCOUNT),
    "notice_mark": acts(HAVE_ACCOUNT),
    "notices_read": acts(HAVE_ACCOUNT),
    "notice_choices": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    # people
    "people": reads(PEOPLE) | acts(PEOPLE),
    "people_seat": acts(PEOPLE),
    "people_switch": acts(PEOPLE),
    "people_sign_out": acts(PEOPLE),
    "audit": reads(AUDIT),
    "audit_csv": reads(AUDIT),
    "invite": acts(PEOPLE),
    "invitation": reads(SIGN_IN) | acts(SIGN_IN),
    "invitation_revoke": acts(MANAGE),
    "rights": reads(HAVE_ACCOUNT),
    # money
    "spend": reads(SEE_OWN_MONEY),
    "spend_table_csv": reads(SEE_OWN_MONEY),
    "spend_jobs": reads(SEE_OWN_MONEY),
    "spend_jobs_csv": reads(SEE_OWN_MONEY),
    "spend_ledger_csv": reads(SEE_OWN_MONEY),
    "waste": reads(SEE_OWN_MONEY),
    "waste_csv": reads(SEE_OWN_MONEY),
    "waste_jobs": reads(SEE_OWN_MONEY),
    "waste_jobs_csv": reads(SEE_OWN_MONEY),
    "prices": reads(SEE_ALL_MONEY),
    "prices_compare": acts(SET_PRICES),
    "prices_take": acts(SET_PRICES),
    "price_list": reads(SEE_ALL_MONEY),
    "price_replay": reads(SEE_ALL_MONEY),
    "price_replay_chosen": reads(SEE_ALL_MONEY),
    "truth": reads(SEE_ALL_MONEY),
    "truth_csv": reads(SEE_ALL_MONEY),
    "truth_day": reads(SEE_ALL_MONEY),
    "truth_compare": acts(RECONCILE),
    "adjustments": reads(ADJUST) | acts(ADJUST),
    "adjustment_confirm": acts(ADJUST),
    "adjustment_withdraw": acts(ADJUST),
    "budgets": reads(SEE_OWN_MONEY),
    "budget": reads(SET_BUDGET) | acts(SET_BUDGET),
    "budget_pause": acts(SET_BUDGET),
    "approvals": reads(SEE_OWN_MONEY),
    "approvals_decide": acts(DECIDE),
    # projects
    "projects": reads(HAVE_ACCOUNT) | acts(MAKE_PROJECTS),
    "board": reads(WATCH),
    "board_poll": reads(WATCH),
    "change_model": acts(GENERATE),
    "change_tray": acts(GENERATE),
    "estimate": acts(GENERATE),
    "generate": acts(GENERATE),
    "improve": acts(GENERATE),
    "templates": reads(GENERATE),
    "template_keep": acts(GENERATE),
    "template_rename": acts(GENERATE),
    "template_delete": acts(GENERATE),
    "project_settings": reads(MANAGE),
    "project_rename": acts(MANAGE),
    "project_limit": acts(MANAGE),
    "project_archive": acts(MANAGE),
    "project_invite": acts(MANAGE),
    "project_member_add": acts(MANAGE),
    "project_member": acts(MANAGE),
    "project_member_remove": acts(MANAGE),
    # the library
    "library": reads(WATCH),
    "library_upload": acts(GENERATE),
    "library_fetch": acts(GENERATE),
    "asset_tile": reads(WATCH),
    "asset_rename": acts(GENERATE),
    "asset_delete": acts(GENERATE),
    "asset_file": reads(WATCH),
    "asset_poster": reads(WATCH),
    "asset_download": reads(WATCH),
    "frame": acts(GENERATE),
    # the gallery
    "feed": reads(HAVE_ACCOUNT),
    "gallery": reads(HAVE_ACCOUNT),
    "item": reads(WATCH),
    "item_describe": acts(GENERATE),
    "item_shelve": acts(GENERATE),
    "project_gallery": reads(MANAGE) | acts(MANAGE),
    # jobs and their clips
    "queue": reads(HAVE_ACCOUNT),
    "job": reads(WATCH),
    "job_poll": reads(WATCH),
    "job_input": reads(WATCH),
    "job_cancel": acts(GENERATE),
    "job_retry": acts(GENERATE),
    "job_upscale": acts(GENERATE),
    "clip": reads(WATCH),
    "download": reads(WATCH),
    "played": acts(WATCH),
    "poster": reads(WATCH),
    "preview": reads(WATCH),
    "strip": reads(WATCH),
    # what is said of the clips
    "item_stars": acts(SPEAK),
    "item_favourite": acts(SPEAK),
    "item_review": acts(REVIEW),
    "gallery_bulk": acts(HAVE_ACCOUNT),
    "compare": reads(HAVE_ACCOUNT),
    "collections": reads(HAVE_ACCOUNT) | acts(HAVE_ACCOUNT),
    "collection": reads(WATCH),
    "collection_present": reads(WATCH),
    "collection_zip": reads(WATCH),
    "collection_list": reads(WATCH),
    "collection_add": acts(GATHER),
    "collection_order": acts(GATHER),
    "collection_change": acts(GATHER),
    "collection_delete": acts(GATHER),
    # links for people outside
    "item_shares": reads(SHARE) | acts(SHARE),
    "collection_shares": reads(SHARE) | acts(SHARE),
    "share_revoke": acts(SHARE),
    "share": reads(OPEN_LINK),
    "share_unlock": acts(OPEN_LINK),
    "share_clip": reads(OPEN_LINK),
    "share_poster": reads(OPEN_LINK),
    "share_comment": acts(OPEN_LINK),
    "comments_say": acts(SPEAK),
    "comments_poll": reads(WATCH),
    "comment_edit": acts(SPEAK),
    "comment_delete": acts(SPEAK),
    "comment_resolve": acts(SPEAK),
    # outcomes that nobody knows, and how the studio is
    "unknowns": reads(HAVE_ACCOUNT),
    "unknown": reads(WATCH),
    "unknown_claim": acts(MANAGE),
    "unknown_attach": acts(MANAGE),
    "unknown_not_made": reads(MANAGE) | acts(MANAGE),
    "unknown_again": reads(MANAGE) | acts(MANAGE),
    "settle_words": reads(MANAGE) | acts(MANAGE),
    "instructions": reads(OPERATE) | acts(OPERATE),
    "key": reads(OPERATE),
    "key_check": acts(OPERATE),
    "operations": reads(OPERATE),
    "operations_try": acts(OPERATE),
    "operations_check": acts(OPERATE),
    "admin:": reads(OPERATE),
}

# What is open to somebody who must set up a second factor before all else.
WITHOUT_SECOND_FACTOR = frozenset(
    {
        "healthz",
        "csp_report",
        "callback",
        "theme",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
    }
)


def way_of(match: ResolverMatch) -> Way | None:
    """What this address needs; None when nobody has declared it."""
    return ROUTES.get(match.view_name, ROUTES.get(f"{match.namespace}:"))
