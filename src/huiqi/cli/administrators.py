"""``huiqi administrators``: the three administrators of the service, who are appointed on the machine and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .text import today

if TYPE_CHECKING:
    from huiqi.registry.models import Organisation, Person

ROLES = {"system": "system_admin", "security": "security_admin", "audit": "audit_admin"}


@click.group("administrators")
def administrators_group() -> None:
    """三员：系统管理员、安全管理员、审计管理员，只能在服务器上任免。 The three administrators, appointed on this machine only.

    \b
    Example:
      huiqi administrators appoint security LOGIN --organ 新疆维吾尔自治区工业和信息化厅
    """


@administrators_group.command("list", epilog="例 / example:  huiqi administrators list")
def list_command() -> None:
    """现在谁是管理员。 Who is administrator today."""
    with _ready():
        from huiqi.registry.administrators import appointed
        from huiqi.registry.second_factor import has_factor
        from huiqi.registry.vocabulary import ROLES as WORDS

        held = appointed(today())
        for hat in held:
            factor = "已设第二步验证 / second factor" if has_factor(hat.person) else "没设第二步验证 / no second factor"
            click.echo(f"{WORDS[hat.role]}\t{hat.person.get_username()}\t{hat.organisation.name_zh}\t{factor}")
        missing = [str(WORDS[role]) for role in ROLES.values() if role not in {hat.role for hat in held}]
        if missing:
            click.echo(f"还没有 / there is none yet: {'、'.join(missing)}")


@administrators_group.command(
    "appoint", epilog="例 / example:  huiqi administrators appoint audit LOGIN --organ 新疆维吾尔自治区审计厅"
)
@click.argument("role", type=click.Choice(list(ROLES)))
@click.argument("login")
@click.option("--organ", required=True, metavar="NAME", help="哪个机关的人 / the organ to which the person belongs.")
@click.option(
    "--function",
    metavar="FUNCTION",
    help="机关还没有时一并新建，写它的职能，如 industry_and_it / make the organ with this function when there is none.",
)
@click.option("--region", default="650000", show_default=True, metavar="CODE", help="新建机关的地区 / its region.")
def appoint_command(role: str, login: str, organ: str, function: str | None, region: str) -> None:
    """任命：LOGIN 要先在网页上注册。一个人只能是三员之一。 Appoint: LOGIN registers on the pages first; nobody is two of the three."""
    with _ready():
        from huiqi.registry.administrators import HoldsAnother, appoint
        from huiqi.registry.vocabulary import ROLES as WORDS

        try:
            hat = appoint(_person(login), ROLES[role], _organ(organ, function, region), today())
        except HoldsAnother:
            raise click.ClickException(
                f"{login} 已是三员中的另一员，一个人不能兼两员 / {login} is another one of the three; nobody is two"
            ) from None
        click.echo(f"{hat.person.get_username()}: {WORDS[hat.role]}, {hat.organisation.name_zh}")


@administrators_group.command("dismiss", epilog="例 / example:  huiqi administrators dismiss LOGIN")
@click.argument("login")
def dismiss_command(login: str) -> None:
    """免去：马上生效。 Dismiss, at once."""
    with _ready():
        from huiqi.registry.administrators import dismiss

        if not dismiss(_person(login), today()):
            raise click.ClickException(f"{login} 不是管理员 / {login} is no administrator")
        click.echo(f"{login}: 已免去 / dismissed")


@administrators_group.command("forget-factor", epilog="例 / example:  huiqi administrators forget-factor LOGIN")
@click.argument("login")
def forget_command(login: str) -> None:
    """取消第二步验证：手机丢了时用，本人下次登录重设。 Remove the second factor of an administrator who has lost it."""
    with _ready():
        from huiqi.registry.accounts import is_administrator
        from huiqi.registry.administrators import forget_second_factor

        person = _person(login)
        if not is_administrator(person):
            raise click.ClickException(
                f"{login} 不是管理员，由安全管理员在网页上办 / {login} is no administrator; the security administrator does it"
            )
        forget_second_factor(person)
        click.echo(f"{login}: 已取消 / removed")


@contextmanager
def _ready() -> Iterator[None]:
    from .project import database, prepare

    with database():
        prepare()
        yield


def _person(login: str) -> Person:
    from huiqi.registry.models import Person

    try:
        return Person.objects.get_by_natural_key(login)
    except Person.DoesNotExist:
        raise click.ClickException(
            f"没有登录名 {login}，请先在网页上注册 / nobody has the login {login}; register on the pages first"
        ) from None


def _organ(name: str, function: str | None, region: str) -> Organisation:
    from huiqi.registry.administrators import make_organ
    from huiqi.registry.models import Organisation, Region
    from huiqi.registry.vocabulary import ORGAN, ORGAN_FUNCTIONS

    found = list(Organisation.objects.filter(kind=ORGAN, name_zh=name)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise click.ClickException(f"不止一个机关叫 {name} / several organs are called {name}")
    if function is None:
        raise click.ClickException(
            f"没有机关 {name}；要新建就加 --function / there is no organ {name}; add --function to make it"
        )
    if function not in ORGAN_FUNCTIONS:
        raise click.ClickException(
            f"没有职能 {function}，可选 / there is no function {function}; there are: {', '.join(ORGAN_FUNCTIONS)}"
        )
    if not Region.objects.filter(pk=region).exists():
        raise click.ClickException(f"没有地区 {region} / there is no region {region}")
    return make_organ(name, function, region)
