"""The shop's pages and its process, over real HTTP."""

import json

import httpx
import pytest

from .conftest import running


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


@pytest.mark.parametrize("path", ["/", "/tents", "/stoves/ember-2", "/cart"])
def test_every_place_of_the_shop_can_be_opened_by_its_address(shop: str, path: str) -> None:
    page = get(shop + path)
    assert page.status_code == 200
    assert 'data-testid="chat-input"' in page.text


@pytest.mark.parametrize("path", ["/boats", "/tents/ember-2", "/tents/none"])
def test_a_place_that_is_not_there_is_404_and_still_the_shop(shop: str, path: str) -> None:
    page = get(shop + path)
    assert page.status_code == 404
    assert 'data-testid="view"' in page.text


def test_the_page_loads_the_sdk_from_diptych_and_learns_its_settings(shop: str) -> None:
    settings = get(f"{shop}/settings.js").text
    told = json.loads(settings.removeprefix("window.concierge = ").removesuffix(";\n"))
    assert f'src="{told["diptychUrl"]}/sdk/diptych.js"' in get(shop).text
    assert told["clientToken"] == "client-key"
    assert told["offline"] is True
    assert "server-key-of-a-test" not in settings


def test_the_catalogue_has_four_shelves_and_keeps_the_stock_to_the_warehouse(shop: str) -> None:
    products = get(f"{shop}/api/catalogue").json()["products"]
    assert len(products) == 24
    assert {product["kind"] for product in products} == {"tents", "packs", "stoves", "lights"}
    assert all(product.keys().isdisjoint({"online", "stores", "restock"}) for product in products)


def test_the_shop_and_its_chat_work_while_diptych_is_down_and_sigterm_ends_them_cleanly() -> None:
    down = {"DIPTYCH_URL": "http://127.0.0.1:9", "DIPTYCH_KEY": "key"}
    with running("-m", "concierge", CONCIERGE_PORT="0", CONCIERGE_SPEED="0", **down) as (url, process):
        assert get(url).status_code == 200
        chat = httpx.post(f"{url}/api/chat", json={"question": "talk to a human"}, trust_env=False)
        assert chat.text.endswith("event: done\ndata: {}\n\n")
    assert process.returncode == 0
