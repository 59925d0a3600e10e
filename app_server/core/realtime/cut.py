"""Cutting a text to a number of tokens: head and tail stay, a marker tells what went, and the whole fits."""

from app_server.core.models.metadata import Truncation
from app_server.core.tools.truncation import estimate_tokens, truncate_middle


def size(text: str) -> int:
    """How many tokens a text may be."""
    return estimate_tokens(len(text.encode(errors="surrogatepass")))


def cut_to(text: str, tokens: int) -> str:
    """The text, or as much of its beginning and its end as fits with the marker between them."""
    budget = tokens
    while True:
        found = truncate_middle(text, Truncation("tokens", budget))
        excess = size(found) - tokens
        if excess <= 0 or budget == 0:
            return found
        budget = max(budget - excess, 0)
