"""What a thread's history becomes when it is compacted: the user's own words, and a summary of everything else.

Two ways lead to the summary: the model is asked to write one (`PROMPT`), or a provider that can makes an encrypted item
of its own. The layout is the same: the user's messages, newest first as far as they fit; before the last of them the
situation, told anew; at the end the summary. Pure functions over items. Source: spec/turns.md section 8; the words are ours.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app_server.core.history_item import BOOKKEEPING, Entry, message
from app_server.core.models.metadata import Truncation
from app_server.core.tools.truncation import truncate_middle

PROMPT = (
    "This conversation has grown too long to be carried on as it is. Write the notes from which whoever takes over can work on "
    "without having seen it: what the user wants and how far that has come, what was decided and why, wishes and limits that "
    "still hold, what is left to be done and in which order, and the files, commands, names and figures that will be needed "
    "again. Be brief and exact, and leave out what no longer matters."
)
PREAMBLE = (
    "What came before in this conversation has been replaced by notes on it, written by the model that did the work. Files and "
    "commands are as it left them. Take the notes as known, and do not do again what they say is done. The notes:"
)
NO_SUMMARY = "(no summary available)"
SUMMARY_KIND = "compaction.summary"
SUMMARY_ITEM_TYPE = "message"
"""The type of a summary in words."""
MEDIA_FRAMES = ("<image name=", "</image>")
"""How the texts begin that stand around an image."""
WORDS_TOKENS = 20_000
"""How much of what the user has said is kept word for word."""

Item = dict[str, Any]


def prompt_message(prompt: str | None) -> Item:
    """The request for a summary, which is sent behind the history and not kept."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt or PROMPT}]}


def summary_text(summary: str) -> str:
    """The summary as the model gets it."""
    return f"{PREAMBLE}\n{summary.strip() or NO_SUMMARY}"


def summary_message(item_id: str, text: str) -> Item:
    """The message that holds it."""
    return message(item_id, "user", [text], SUMMARY_KIND)


def layout(history: Iterable[Entry], situation: Sequence[Item], summary: Item) -> list[Item]:
    """The new history, without the base instructions."""
    words = kept_words(history)
    if summary.get("type") == SUMMARY_ITEM_TYPE:  # whoever makes no item of its own is told what the images showed
        words = [without_media(item) for item in words]
    return [*words[:-1], *situation, *words[-1:], summary]


def kept_words(history: Iterable[Entry]) -> list[Item]:
    """What the user has said, in order: the newest as they are, as many as fit, and of one more as much as fits."""
    left = WORDS_TOKENS
    kept: list[Item] = []
    for each in reversed([each for each in history if each.is_users]):
        if each.tokens > left:
            if left > 0:
                kept.append(cut_words(each.item(), left))
            break
        kept.append(each.item())
        left -= each.tokens
    return kept[::-1]


def without_media(item: Item) -> Item:
    """A message without its images and recordings, and what stands around them; others as they are."""
    parts = item.get("content") or []
    if all(part.get("type") == "input_text" for part in parts):
        return item
    texts = [part for part in parts if part.get("type") == "input_text" and not part["text"].startswith(MEDIA_FRAMES)]
    return only_texts(item, texts or [{"type": "input_text", "text": ""}])


def only_texts(item: Item, texts: list[Item]) -> Item:
    """A message with these texts and nothing else."""
    made = {**item, "content": texts}
    if BOOKKEEPING in made:
        made[BOOKKEEPING] = {**made[BOOKKEEPING], "content_item_kinds": ["user.text"] * len(texts)}
    return made


def cut_words(item: Item, tokens: int) -> Item:
    """A message cut to so many tokens; only its text is left."""
    text = "\n".join(part["text"] for part in item["content"] if part.get("type") == "input_text")
    cut = truncate_middle(text, Truncation("tokens", tokens))
    return only_texts(item, [{"type": "input_text", "text": cut}])
