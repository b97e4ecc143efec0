"""The pages' addresses."""

from django.urls import URLPattern, URLResolver, path

from generations.web import (
    account,
    assets,
    board,
    composer,
    jobs,
    library,
    operations,
    outputs,
    people,
    project_settings,
    projects,
    status,
    unknowns,
)

# Pages of allauth that this studio does not have; they stand before its own addresses.
CLOSED = ("email/", "confirm-email/", "password/set/", "login/code/confirm/", "confirm-email/<str:key>/")

urlpatterns: list[URLPattern | URLResolver] = [
    *(path(f"accounts/{address}", status.nothing_here) for address in CLOSED),
    path("", status.home, name="home"),
    path("healthz", status.healthz, name="healthz"),
    path("csp-report/", status.csp_report, name="csp_report"),
    path("account/", account.account, name="account"),
    path("account/theme", account.theme, name="theme"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/seat", people.change_seat, name="people_seat"),
    path("people/<int:user_id>/switch", people.switch, name="people_switch"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<slug:slug>/", board.board, name="board"),
    path("projects/<slug:slug>/poll", board.poll, name="board_poll"),
    path("projects/<slug:slug>/model", composer.change_model, name="change_model"),
    path("projects/<slug:slug>/estimate", composer.estimate, name="estimate"),
    path("projects/<slug:slug>/generate", composer.generate, name="generate"),
    path("projects/<slug:slug>/media/", library.page, name="library"),
    path("projects/<slug:slug>/media/upload", library.upload, name="library_upload"),
    path("projects/<slug:slug>/media/fetch", library.fetch, name="library_fetch"),
    path("assets/<uuid:asset_id>/tile", library.tile, name="asset_tile"),
    path("assets/<uuid:asset_id>/rename", library.rename, name="asset_rename"),
    path("assets/<uuid:asset_id>/delete", library.delete, name="asset_delete"),
    path("assets/<uuid:asset_id>/file", assets.file, name="asset_file"),
    path("assets/<uuid:asset_id>/poster", assets.poster, name="asset_poster"),
    path("assets/<uuid:asset_id>/download", assets.download, name="asset_download"),
    path("outputs/<uuid:output_id>/frame", library.frame, name="frame"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/poll", jobs.poll, name="job_poll"),
    path("jobs/<uuid:job_id>/cancel", jobs.cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/retry", jobs.retry, name="job_retry"),
    path("jobs/<uuid:job_id>/unknown/", unknowns.unknown, name="unknown"),
    path("jobs/<uuid:job_id>/unknown/claim", unknowns.claim, name="unknown_claim"),
    path("jobs/<uuid:job_id>/unknown/<int:number>/attach", unknowns.attach, name="unknown_attach"),
    path("jobs/<uuid:job_id>/unknown/<int:number>/not-made", unknowns.not_made, name="unknown_not_made"),
    path("jobs/<uuid:job_id>/unknown/<int:number>/again", unknowns.send_again, name="unknown_again"),
    path("unknowns/", unknowns.unknowns_list, name="unknowns"),
    path("operations/", operations.operations, name="operations"),
    path("operations/try", operations.try_now, name="operations_try"),
    path("operations/check", operations.check_now, name="operations_check"),
    path("outputs/<uuid:output_id>/clip", outputs.clip, name="clip"),
    path("outputs/<uuid:output_id>/download", outputs.download, name="download"),
    *(
        path(f"outputs/<uuid:output_id>/{kind}", outputs.picture, {"kind": kind}, name=kind)
        for kind in outputs.PICTURE_TYPES
    ),
    path("projects/<slug:slug>/settings/", project_settings.project_settings, name="project_settings"),
    path("projects/<slug:slug>/settings/name", project_settings.rename, name="project_rename"),
    path("projects/<slug:slug>/settings/limit", project_settings.set_limit, name="project_limit"),
    path("projects/<slug:slug>/settings/archive", project_settings.archive, name="project_archive"),
    path("projects/<slug:slug>/settings/members", project_settings.add_member, name="project_member_add"),
    path(
        "projects/<slug:slug>/settings/members/<int:member_id>", project_settings.change_member, name="project_member"
    ),
    path(
        "projects/<slug:slug>/settings/members/<int:member_id>/remove",
        project_settings.remove_member,
        name="project_member_remove",
    ),
]
