"""Addresses for networks that fetch: nobody can guess one, each shows one picture, and all of them end."""

from __future__ import annotations

import base64
import io
from datetime import timedelta

import pytest
from PIL import Image

from bot.practice.pictures import plain_png, sniff
from services.domain.errors import NotFound, Refused
from services.domain.ids import Digest
from services.domain.media import MediaItem, Picture
from services.images.pulling import LIFE, PULLED, PulledPictures
from tests.fakes.clock import FakeClock
from tests.fakes.files import MemoryFiles
from tests.fakes.memory_store import MemoryStore
from tests.fakes.workers import InlineWorkers

NETWORK, HERE = "https://graph.network.example", "http://127.0.0.1:9999/network"
PUBLIC = "https://desk.example"
ANY = ("image/jpeg", "image/png", "image/webp", "image/gif")


def desk(*, public_url: str = PUBLIC, key: bytes = b"one", clock: FakeClock | None = None) -> PulledPictures:
    return PulledPictures(
        store=MemoryStore(),
        files=MemoryFiles(),
        clock=clock or FakeClock(),
        workers=InlineWorkers(),
        key=key,
        public_url=public_url,
        local_url="http://127.0.0.1:8420",
    )


async def kept(pulled: PulledPictures, data: bytes, mime: str = "image/png", number: int = 0) -> Picture:
    digest = Digest(await pulled.files.put(data))
    item = MediaItem(digest=digest, mime=mime, width=40 + number, height=20, size=len(data))
    await pulled.store.write(lambda tx: tx.media.put(item, at=pulled.clock.now()))
    return Picture(item=item, alt="A card.")


def token_of(address: str, root: str = PUBLIC) -> str:
    assert address.startswith(root + PULLED)
    return address.removeprefix(root + PULLED)


async def address(pulled: PulledPictures, picture: Picture, types: tuple[str, ...] = ANY, to: str = NETWORK) -> str:
    host = pulled.host(to)
    assert host is not None
    return await host.address(picture.item, types)


async def test_an_address_opens_its_picture_and_no_other() -> None:
    pulled = desk()
    first, second = await kept(pulled, plain_png(40, 20, (1, 2, 3))), await kept(pulled, plain_png(41, 20, (4, 5, 6)))
    tokens = [token_of(await address(pulled, one)) for one in (first, second)]
    assert [await pulled.find(token) for token in tokens] == [first.item, second.item]
    assert await pulled.files.get((await pulled.find(tokens[0])).digest) == plain_png(40, 20, (1, 2, 3))
    raw = [base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) for token in tokens]
    swapped = base64.urlsafe_b64encode(raw[0][:-16] + raw[1][-16:]).decode().rstrip("=")
    with pytest.raises(NotFound):
        await pulled.find(swapped)


@pytest.mark.parametrize("made_up", ["", "x", "ä", "AAAA", "A" * 72, "../../etc/passwd"])
async def test_a_made_up_address_opens_nothing(made_up: str) -> None:
    with pytest.raises(NotFound):
        await desk().find(made_up)


async def test_an_address_changed_anywhere_opens_nothing() -> None:
    pulled = desk()
    token = token_of(await address(pulled, await kept(pulled, plain_png(40, 20, (1, 2, 3)))))
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for place in range(len(raw)):
        changed = bytes([*raw[:place], raw[place] ^ 1, *raw[place + 1 :]])
        with pytest.raises(NotFound):
            await pulled.find(base64.urlsafe_b64encode(changed).decode().rstrip("="))


async def test_it_ends_and_another_key_never_opened_it() -> None:
    clock = FakeClock()
    pulled = desk(clock=clock)
    token = token_of(await address(pulled, await kept(pulled, plain_png(40, 20, (1, 2, 3)))))
    stranger = PulledPictures(
        store=pulled.store,
        files=pulled.files,
        clock=clock,
        workers=InlineWorkers(),
        key=b"two",
        public_url=PUBLIC,
        local_url=PUBLIC,
    )
    with pytest.raises(NotFound):
        await stranger.find(token)
    clock.set(clock.now() + LIFE - timedelta(seconds=1))
    assert (await pulled.find(token)).mime == "image/png"
    clock.set(clock.now() + timedelta(seconds=1))
    with pytest.raises(NotFound):
        await pulled.find(token)


async def test_a_picture_whose_facts_are_gone_is_not_shown() -> None:
    pulled = desk()
    with pytest.raises(NotFound):
        await pulled.find(pulled.token(Digest("0" * 64)))


@pytest.mark.parametrize(
    ("public_url", "network", "root"),
    [
        (PUBLIC, NETWORK, PUBLIC),
        (PUBLIC + "/", NETWORK, PUBLIC),
        ("", NETWORK, None),
        ("http://desk.example", NETWORK, None),
        (PUBLIC, HERE, "http://127.0.0.1:8420"),
        ("", HERE, "http://127.0.0.1:8420"),
    ],
)
async def test_only_what_can_reach_the_desk_is_given_an_address(
    public_url: str, network: str, root: str | None
) -> None:
    pulled = desk(public_url=public_url)
    picture = await kept(pulled, plain_png(40, 20, (1, 2, 3)))
    if root is None:
        assert pulled.host(network) is None
    else:
        assert (await address(pulled, picture, to=network)).startswith(root + PULLED)


async def test_a_png_becomes_a_jpeg_of_the_same_size_where_that_is_all_a_network_takes() -> None:
    pulled = desk()
    picture = await kept(pulled, plain_png(40, 20, (200, 30, 40)))
    item = await pulled.find(token_of(await address(pulled, picture, ("image/jpeg",))))
    data = await pulled.files.get(item.digest)
    seen = sniff(data)
    assert seen is not None
    assert (seen.mime, seen.width, seen.height, item.mime) == ("image/jpeg", 40, 20, "image/jpeg")
    with Image.open(io.BytesIO(data)) as image:
        assert image.getpixel((20, 10)) == pytest.approx((200, 30, 40), abs=4)


async def test_an_animation_is_not_cut_down_to_one_frame() -> None:
    pulled = desk()
    picture = await kept(pulled, b"GIF89a", "image/gif")
    with pytest.raises(Refused, match="image/gif") as caught:
        await address(pulled, picture, ("image/jpeg", "image/png"))
    assert caught.value.fix == "Use a JPEG or PNG picture, or an MP4 video."
