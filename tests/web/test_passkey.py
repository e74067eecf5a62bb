"""Passkeys in a real browser, answered by a virtual device: registered by a member of staff, then signed in with, alone or after the password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duixian.web.record.models import Event

from .browser import PASSWORD, Person
from .cast import Cast

pytestmark = pytest.mark.xdist_group("browser")
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}


@pytest.fixture
def officer(live_server: Any, cast: Cast, browser: Any, settings: Any) -> Iterator[Person]:
    """An officer with a password and a device, where staff needs a second factor."""
    settings.STAFF_NEED_SECOND_FACTOR = True
    user = cast.seats["officer"].user
    user.set_password(PASSWORD)
    user.save()
    one = Person(browser, live_server.url, "officer")  # localhost: a browser has no passkeys for an address of numbers
    yield one
    one.leaves()


def plugs_in(one: Person) -> Any:
    """A device that answers at once; what it is asked is sent to it by the session returned."""
    device = one.context.new_cdp_session(one.page)
    device.send("WebAuthn.enable")
    device.number = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    return device


def registers(one: Person, name: str, *, alone: bool) -> None:
    """From the first sign-in, which leads to setting up a second factor, to the recovery codes."""
    one.signs_in("officer")
    one.page.goto("/work/")
    assert "/account/2fa/" in one.page.url, "without a second factor staff gets no further"
    one.page.goto("/account/2fa/webauthn/add/")
    one.page.get_by_label("口令").fill(PASSWORD)
    one.presses("继续", one.page.locator("main"))
    one.sees("添加通行密钥")
    one.looks("passkey/add")
    one.page.get_by_label("名称（选填）").fill(name)
    one.page.get_by_label("以后不输口令，只用它登录").set_checked(alone)
    one.page.get_by_role("button", name="添加").click()
    one.page.wait_for_url("**/recovery-codes/")
    assert one.page.locator("ul.codes li").count() == 10, "they are to be seen, or nobody can keep them"
    one.looks("passkey/recovery-codes")
    one.opens("/account/2fa/webauthn/")
    one.sees(name, "可以单独登录" if alone else "作第二步", "还没有用过")
    one.looks("passkey/list")


def signs_out(one: Person) -> None:
    one.context.clear_cookies()


def test_a_member_of_staff_registers_a_passkey_and_signs_in_with_it_alone(officer: Person) -> None:
    plugs_in(officer)
    registers(officer, "办公室电脑（合成）", alone=True)
    signs_out(officer)
    officer.opens("/account/login/")
    officer.page.get_by_role("button", name="用通行密钥登录").click()
    officer.page.wait_for_url(lambda url: "/account/login/" not in url)
    officer.opens("/work/")
    officer.sees("待办")
    assert Event.objects.filter(action="signin", user__username="officer").count() == 2
    officer.opens("/account/2fa/webauthn/")
    officer.sees("最近用过")


def test_after_the_password_a_passkey_is_the_second_step(officer: Person) -> None:
    plugs_in(officer)
    registers(officer, "安全密钥（合成）", alone=False)
    signs_out(officer)
    officer.signs_in("officer")
    assert "/account/2fa/authenticate/" in officer.page.url
    officer.sees("用您的通行密钥继续")
    officer.looks("passkey/second-step")
    officer.page.get_by_role("button", name="用通行密钥").click()
    officer.page.wait_for_url(lambda url: "/authenticate/" not in url)
    officer.opens("/work/")
    officer.sees("待办")


def test_a_passkey_that_does_not_answer_is_said_on_the_page(officer: Person, live_server: Any) -> None:
    device = plugs_in(officer)
    officer.opens("/account/login/")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": device.number, "isUserVerified": False})
    officer.page.get_by_role("button", name="用通行密钥登录").click()
    officer.page.get_by_text("没有完成：取消了，或等得太久").wait_for()
    officer.looks("passkey/cancelled")
    officer.page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/account/login/")
    officer.page.get_by_role("button", name="用通行密钥登录").click()
    officer.page.get_by_role("link", name="http://localhost").wait_for()
    officer.sees("这个地址不能用通行密钥")


def test_a_passkey_is_renamed_and_removed(officer: Person) -> None:
    plugs_in(officer)
    registers(officer, "旧手机（合成）", alone=True)
    officer.presses("改名", officer.page.locator("main"))
    officer.page.get_by_label("名称").fill("新手机（合成）")
    officer.presses("保存")
    officer.opens("/account/2fa/webauthn/")
    officer.sees("新手机（合成）")
    officer.presses("删除", officer.page.locator("main"))
    officer.sees("不能再用它登录")
    officer.looks("passkey/remove")
    officer.presses("删除", officer.page.locator("main"))
    officer.sees("还没有通行密钥")
