"""The ways through the studio: what whom is shown, and which is current."""

from django.test import Client

from generations.accounts.models import User
from generations.web import sections


def labels(links: tuple[sections.Link, ...]) -> list[str]:
    return [str(link.label) for link in links]


def current(links: tuple[sections.Link, ...]) -> list[str]:
    return [str(link.label) for link in links if link.is_current]


def test_header_leaves_out_sections_without_an_open_tab(ben: User, ada: User) -> None:
    assert "Studio" not in labels(sections.of(ben, "/projects/").header)
    assert "Studio" in labels(sections.of(ada, "/projects/").header)


def test_tab_with_the_longest_address_is_current(ben: User) -> None:
    shown = sections.of(ben, "/spend/budgets/studio/0/")
    assert (current(shown.header), current(shown.tabs)) == (["Spend"], ["Budgets"])


def test_page_of_a_job_belongs_to_the_projects(ben: User) -> None:
    assert current(sections.of(ben, "/jobs/1/").header) == ["Projects"]


def test_page_of_no_section_has_no_tabs(ben: User) -> None:
    assert sections.of(ben, "/healthz").tabs == ()


def test_every_tab_leads_to_a_page_that_its_people_may_open(client: Client, ben: User, bill: User, ada: User) -> None:
    for user in (ben, bill, ada):
        client.force_login(user)
        open_to = [tab.address for section in sections.SECTIONS for tab in section.tabs if tab.who(user)]
        assert {client.get(address).status_code for address in open_to} == {200}
