"""What the agent is told when a spoken conversation begins and ends. Cheap to import, since every turn asks.

Source: spec/realtime.md section 10 for what has to be said; the words are ours.
"""

STARTED = (
    "A spoken conversation has started. The user talks with a voice assistant, which passes their requests on to you and tells "
    "them what you answer; nobody but the assistant reads your messages, and it may shorten them. Requests come as transcripts "
    "with what was said before them. They may contain mishearings: read them for what was meant. You may also be called although "
    "there is nothing to do; then answer very briefly. Say the outcome first, and keep it short enough to be spoken."
)
ENDED = (
    "The spoken conversation has ended. From here on the user types, and reads your messages as they are. Answer as usual again."
)


def note(text: str) -> str:
    """A note about spoken conversations, in its tags."""
    return f"<realtime_conversation>\n{text}\n</realtime_conversation>"
