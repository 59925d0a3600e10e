"""What clients keep with threads."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.store.attachments import MOST
from tests.core.lab import NOBODY, answers, lab, refusal
from tests.support.client import Client, Json

pytestmark = pytest.mark.anyio


async def add(client: Client, thread: str, key: str, payload: Any = None, kind: str = "pr") -> Json:
    """Attach something."""
    params = {"threadId": thread, "attachmentType": kind, "identityKey": key, "payload": payload}
    answer: Json = await client.request("thread/attachment/add", params)
    return answer


async def kept(client: Client, thread: str, **params: Any) -> Json:
    """A page of what a thread has."""
    page: Json = await client.request("thread/attachment/list", {"threadId": thread, **params})
    return page


async def test_an_attachment_is_kept_once_as_it_was_first_and_told_to_all(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home:
        async with home.server() as server, server.client() as one, server.client() as two:
            thread = (await home.start(one))["id"]
            missing = await refusal(add(one, thread, "7"))
            assert missing == f"-32602 thread not found: {thread}"
            await home.turn(one, thread, "hello")
            payload = {"b": [1, None], "a": "é"}
            first = await add(one, thread, "7", payload)
            assert (first["outcome"], first["attachment"]["payload"]) == ("created", payload)
            told = await two.wait_notification("thread/attachment/updated")
            assert (told["operation"], told["attachmentId"]) == ("created", first["attachment"]["id"])
            again = await add(one, thread, "7", "other")
            assert again == {"outcome": "existing", "attachment": first["attachment"]}
            assert two.methods().count("thread/attachment/updated") == 1
        async with home.talk() as client:
            assert (await kept(client, thread))["data"] == [first["attachment"]]
            gone = {"threadId": thread, "attachmentType": "pr", "identityKey": "7"}
            await client.request("thread/attachment/remove", gone)
            assert (await client.wait_notification("thread/attachment/updated"))["operation"] == "deleted"
            await client.request("thread/attachment/remove", gone)
            assert (await kept(client, thread))["data"] == []
            assert client.methods().count("thread/attachment/updated") == 1


async def test_attachments_come_in_pages_and_are_bounded(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1")) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await home.turn(client, thread, "hello")
        for number in range(MOST):
            await add(client, thread, str(number))
        assert await refusal(add(client, thread, "more")) == f"-32602 thread attachment identity count exceeds {MOST}"
        assert (await add(client, thread, "3"))["outcome"] == "existing"
        page = await kept(client, thread, limit=60)
        rest = await kept(client, thread, limit=60, cursor=page["nextCursor"])
        keys = [each["identityKey"] for each in [*page["data"], *rest["data"]]]
        assert (keys, rest["nextCursor"]) == ([str(number) for number in range(MOST)], None)
        assert await refusal(kept(client, thread, cursor="zz")) == "-32602 invalid pagination cursor"
        assert await refusal(add(client, thread, " ")) == "-32602 identityKey must not be empty"
        assert await refusal(add(client, thread, "k", kind="")) == "-32602 attachmentType must not be empty"
        assert await refusal(add(client, "zz", "k")) == (
            "-32602 invalid thread id: invalid character: expected an optional prefix of `urn:uuid:` followed by "
            "[0-9a-fA-F-], found `z` at 1"
        )
        assert (await kept(client, NOBODY))["data"] == []


async def test_owners_are_found_archived_or_not_until_the_thread_is_deleted(tmp_path: Path) -> None:
    async with lab(tmp_path, answers("1", "2")) as home, home.talk() as client:
        one, two = [(await home.start(client))["id"] for _ in range(2)]
        for thread in (one, two):
            await home.turn(client, thread, "hello")
            await add(client, thread, "7")

        async def owners(**params: Any) -> list[tuple[str, bool]]:
            page = await client.request("thread/attachmentOwner/list", {"attachmentType": "pr", "identityKey": "7", **params})
            return [(each["threadId"], each["archived"]) for each in page["data"]]

        await client.request("thread/archive", {"threadId": one})
        assert await owners() == sorted([(one, True), (two, False)])
        assert (await owners(archived=True), await owners(archived=False)) == ([(one, True)], [(two, False)])
        first, second = await owners()
        assert await owners(cursor=first[0]) == [second]
        assert await refusal(owners(cursor="zz")) == "-32602 invalid pagination cursor"
        await client.request("thread/delete", {"threadId": one})
        assert await owners() == [(two, False)]
