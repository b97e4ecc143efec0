"""Template words of the studio: money."""

from django import template

from generations.ledger.money import show

register = template.Library()


@register.filter
def money(micros: int | None, currency: str = "USD") -> str:
    """`{{ job.cost_micros|money:job.currency }}` -> $1.23, SBX 1.23; an em dash for None."""
    return "—" if micros is None else show(micros, currency)
