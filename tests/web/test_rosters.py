"""The desk's rosters: who may, the trial, what is wrong with a file, the yes, and what is never imported twice."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from web_pages import PASSWORD, visible, visitor

from huiqi.opportunities.publishing import population
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, RosterImport, RosterTrial
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.registry.snapshot import snapshot

pytestmark = pytest.mark.django_db

COUNTY, HOTAN = "653101", "653201"
LIST = "/desk/rosters/"


def code(serial: int) -> str:
    return make_fictitious("1", "21", serial)


GOOD = f"统一社会信用代码,企业名称,登记地,从业人员\n{code(1)},样例一,{COUNTY},7\n{code(2)},样例二,{COUNTY},8\n"
BAD = GOOD + f"{code(3)},样例三,{HOTAN},-1\n{code(3)},样例四,{COUNTY},=1+1\n"


@pytest.fixture(autouse=True)
def world(db: None, settings: Any) -> None:
    settings.HUIQI_DEMO = True
    cache.clear()
    load_reference_data()


def somebody(
    role: str = "officer",
    *,
    function: str | None = "industry_and_it",
    region: str = "653100",
    kind: str = "organ",
    language: str = "zh-hans",
) -> Client:
    """A client signed in with one hat; ``client.actor`` wears it."""
    number = Organisation.objects.count()
    organisation = Organisation.objects.create(
        kind=kind,
        name_zh="样例机关",
        name_en="Sample office",
        region_id=region,
        organ_function=function if kind == "organ" else None,
        uscc=None if kind == "organ" else code(900 + number),
    )
    person = Person.objects.create_user(
        f"person{number}", PASSWORD, display_name="样例承办人" if language == "zh-hans" else "Sample"
    )
    hat = Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2026, 1, 1))
    client = visitor(language)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.actor = Actor(person, hat)  # type: ignore[attr-defined]
    return client


def send(client: Client, content: str | bytes = GOOD, name: str = "名册.csv", **extra: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(LIST, {"file": SimpleUploadedFile(name, data)}, **extra)


def tried(client: Client, content: str | bytes = GOOD, name: str = "名册.csv") -> str:
    """The address of the trial that a file leads to."""
    response = send(client, content, name)
    assert response.status_code == 302, visible(response)
    return str(response.headers["Location"])


# --- who may ----------------------------------------------------------------------------------------------------------


PATHS = [LIST, f"{LIST}columns/", f"{LIST}template.csv", f"{LIST}template.xlsx", "{trial}", "{trial}problems.csv"]


@pytest.mark.parametrize(
    ("role", "options"),
    [
        ("owner", {"kind": "enterprise", "region": COUNTY}),
        ("officer", {"kind": "bank"}),
        ("auditor", {"function": "audit"}),
        ("auditor", {}),
        ("clerk", {}),
        ("administrator", {}),
        ("officer", {"function": "letters_and_visits"}),
    ],
)
def test_nobody_but_officers_of_certifying_organs_opens_it(role: str, options: dict[str, Any]) -> None:
    trial = tried(somebody())
    client = somebody(role, **options)
    for path in PATHS:
        assert client.get(path.format(trial=trial)).status_code == 403, path
    assert send(client).status_code == 403
    for act in ("import", "give_up"):
        assert client.post(trial, {"act": act}).status_code == 403
    assert not RosterImport.objects.exists() and RosterTrial.objects.count() == 1
    assert 'href="/desk/rosters/"' not in client.get("/hats/").content.decode()


def test_the_public_is_asked_to_sign_in() -> None:
    trial = tried(somebody())
    for path in PATHS:
        path = path.format(trial=trial)
        assert visitor().get(path).headers["Location"] == f"/login/?next={path}"
    assert visitor().post(trial, {"act": "import"}).status_code == 302
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize("region", ["653100", HOTAN, "650000"])
def test_a_trial_of_somebody_else_is_not_there(region: str) -> None:
    trial = tried(somebody())
    other = somebody(region=region)
    assert other.get(trial).status_code == 404
    assert other.get(f"{trial}problems.csv").status_code == 404
    assert other.post(trial, {"act": "import"}).status_code == 404
    assert other.post(trial, {"act": "give_up"}).status_code == 404
    assert not RosterImport.objects.exists() and RosterTrial.objects.count() == 1


def test_an_import_is_on_the_list_of_the_organ_and_of_no_other() -> None:
    client = somebody()
    client.post(tried(client), {"act": "import"})
    assert "<bdi>名册.csv</bdi>" in client.get(LIST).content.decode()
    other = somebody(region=HOTAN).get(LIST)
    assert "名册.csv" not in other.content.decode() and "还没有导入过名册" in visible(other)


def test_a_token_is_needed() -> None:
    client = somebody()
    trial = tried(client)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert send(strict).status_code == 403
    assert strict.post(trial, {"act": "import"}).status_code == 403
    assert not RosterImport.objects.exists()


def test_the_menu_leads_there() -> None:
    assert 'href="/desk/rosters/"' in somebody().get(LIST).content.decode()


# --- the trial --------------------------------------------------------------------------------------------------------


def test_limits_and_formats_stand_beside_the_field_before_a_file_is_chosen() -> None:
    text = visible(somebody().get(LIST))
    assert "最大 32 MB、200,000 行" in text and ".xlsx" in text and "GBK" in text
    assert "32 MB and 200,000 rows" in visible(somebody(language="en").get(LIST))


def test_nothing_is_written_before_the_yes() -> None:
    client = somebody()
    page = client.get(tried(client))
    text = visible(page)
    assert "还没有写入" in text and "导入这 2 家企业" in text
    assert not Organisation.objects.enterprises().exists() and not RosterImport.objects.exists()
    assert "一次试算在等你决定" in visible(client.get(LIST))


def test_the_yes_imports_and_one_line_says_so_and_it_is_not_done_twice() -> None:
    client = somebody()
    trial = tried(client)
    response = client.post(trial, {"act": "import"})
    assert response.status_code == 302 and response.headers["Location"] == LIST
    text = visible(client.get(LIST))
    assert "新增 2 家，更新 0 家" in text and "样例承办人" in text
    assert "已经导入过，没有再导一遍" in visible(client.post(trial, {"act": "import"}, follow=True))
    assert "这个文件已经导入" in visible(client.get(trial))
    assert RosterImport.objects.count() == 1
    assert Organisation.objects.enterprises().count() == 2


def test_a_file_may_be_given_up() -> None:
    client = somebody()
    trial = tried(client)
    assert "放弃了" in visible(client.post(trial, {"act": "give_up"}, follow=True))
    assert not RosterTrial.objects.exists()
    response = client.post(trial, {"act": "import"})
    assert response.status_code == 404 and "这次试算不在了" in visible(response)


def test_after_an_hour_the_trial_is_gone() -> None:
    client = somebody()
    trial = tried(client)
    RosterTrial.objects.update(expires_at=timezone.now())
    assert client.post(trial, {"act": "import"}).status_code == 404
    assert not RosterImport.objects.exists()


def test_when_the_registry_changed_meanwhile_the_new_counts_are_shown_and_asked_about() -> None:
    client = somebody()
    trial = tried(client)
    Organisation.objects.create(kind="enterprise", name_zh="样例一", uscc=code(1), region_id=COUNTY)
    text = visible(client.post(trial, {"act": "import"}, follow=True))
    assert "登记的企业有变动" in text and "导入这 2 家企业" in text
    assert not RosterImport.objects.exists()
    assert "新增 1 家，更新 1 家" in visible(client.post(trial, {"act": "import"}, follow=True))


def test_when_an_enterprise_went_to_another_area_meanwhile_nothing_is_imported() -> None:
    client = somebody()
    trial = tried(client)
    Organisation.objects.create(kind="enterprise", name_zh="样例一", uscc=code(1), region_id=HOTAN)
    text = visible(client.post(trial, {"act": "import"}, follow=True))
    assert "没有导入，原因在下面" in text and "看不出这家企业归你单位管" in text
    assert "和田" not in text
    assert not RosterImport.objects.exists()


def test_a_file_that_says_nothing_new_is_not_asked_about() -> None:
    client = somebody()
    client.post(tried(client), {"act": "import"})
    page = client.get(tried(client))
    assert "不用导入" in visible(page)
    assert 'value="import"' not in page.content.decode()


def test_what_is_imported_is_reckoned_with_at_once() -> None:
    client = somebody()
    actor, today = client.actor, timezone.localdate()  # type: ignore[attr-defined]

    def reckoned() -> int:
        return int(population(actor, snapshot(), today).rows)

    before = reckoned()
    client.post(tried(client), {"act": "import"})
    assert reckoned() == before + 2
    changed = GOOD.replace(",8\n", ",80\n")
    client.post(tried(client, changed), {"act": "import"})
    assert EnterpriseFacts.objects.get(organisation__uscc=code(2)).employees == 80
    assert 80 in snapshot().table["employees"].to_pylist()


# --- what is wrong with a file ----------------------------------------------------------------------------------------


def test_one_error_and_nothing_is_imported_or_kept_and_each_is_told_with_its_remedy() -> None:
    client = somebody()
    trial = tried(client, BAD)
    page = client.get(trial)
    text = visible(page)
    assert "没有导入：有 4 处要改" in text
    assert "有错的行 2" in text
    for words in ("不能是负数", "改成正确的值", "登记地不在你单位的辖区", "同一代码已在第 4 行", "=1+1"):
        assert words in text, words
    assert 'value="import"' not in page.content.decode()
    assert RosterTrial.objects.get().content is None
    client.post(trial, {"act": "import"})
    assert not RosterImport.objects.exists() and not Organisation.objects.enterprises().exists()


@pytest.mark.parametrize(("language", "head"), [("zh-hans", "行"), ("en", "row")])
def test_the_problems_are_a_file_that_a_spreadsheet_opens_and_does_not_run(language: str, head: str) -> None:
    client = somebody(language=language)
    response = client.get(f"{tried(client, BAD)}problems.csv")
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in response.headers["Content-Disposition"]
    body = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert body.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))
    assert lines[0][0] == head and len(lines) == 5
    assert [line[2] for line in lines if "1+1" in line[2]] == ["'=1+1"]
    assert [line[2] for line in lines if line[2].endswith("-1")] == ["'-1"]


def test_many_problems_have_pages_and_a_true_total() -> None:
    client = somebody()
    rows = "".join(f"{code(n)},样例,{COUNTY},x{n}\n" for n in range(120))
    trial = tried(client, GOOD.splitlines()[0] + "\n" + rows)
    assert "第 1 到 50 处，共 120 处" in visible(client.get(trial))
    last = visible(client.get(f"{trial}?page=3"))
    assert "第 101 到 120 处" in last and "x119" in last


def sheet(**options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for row, line in enumerate(csv.reader(io.StringIO(GOOD))):
            for column, cell in enumerate(line):
                page.write_string(row, column, cell)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of some kilobytes that unpacks to more than may be."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, zipfile.ZipFile(io.BytesIO(sheet())) as sound:
        for part in sound.infolist():
            archive.writestr(part.filename, sound.read(part))
        with archive.open("xl/media/bomb.bin", "w", force_zip64=True) as part_of_it:
            for _ in range(33):
                part_of_it.write(bytes(16 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_the_encodings_of_spreadsheet_programs_are_read(encoding: str) -> None:
    client = somebody()
    assert "导入这 2 家企业" in visible(client.get(tried(client, GOOD.encode(encoding))))


def test_a_workbook_is_read_whatever_its_name_says() -> None:
    client = somebody()
    assert "导入这 2 家企业" in visible(client.get(tried(client, sheet(), "名册.csv")))


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"", "文件是空的", "选择有内容的文件"),
        (GOOD.splitlines()[0], "表头下面没有数据", "每行填一家企业"),
        (GOOD.splitlines()[0] + "\n,,,\n,,,\n", "表头下面没有数据", "每行填一家企业"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "内容是PDF 文件", "另存为 .xlsx 或 CSV"),
        (b"PAR1" + bytes(40) + b"PAR1", "不收 Parquet", "另存为 .xlsx 或 CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "加密的文件", "去掉密码"),
        (GOOD.encode("utf-16"), "UTF-16", "另存为"),
        (b"\x00\x01\x02\xff" * 20, "空字符", "重新导出"),
        (bomb, "解压后有", "分成几个文件"),
        ("企业名称,营业收入\n样例,5\n", "没有“统一社会信用代码”列", "加上这一列"),
        (GOOD.replace("从业人员", "人头"), "没有这一项", "删去这一列"),
    ],
    ids=["empty", "header", "blank rows", "pdf", "parquet", "encrypted", "utf-16", "binary", "bomb", "no code", "column"],
)  # fmt: skip
def test_a_wrong_file_gets_a_clear_message_with_the_remedy(content: Any, what: str, remedy: str) -> None:
    client = somebody()
    page = client.get(tried(client, content() if callable(content) else content))
    text = visible(page)
    assert "没有导入" in text
    assert what in text and remedy in text
    assert RosterTrial.objects.get().content is None
    assert not Organisation.objects.enterprises().exists()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "还没选文件"), ("en", "No file is chosen")])
def test_no_file_is_said_at_the_field(language: str, words: str) -> None:
    client = somebody(language=language)
    response = client.post(LIST, {})
    assert response.status_code == 422
    assert words in visible(response)
    assert 'href="#id_file"' in response.content.decode()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "文件最大 1 MB"), ("en", "A file may have 1 MB")])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(settings: Any, language: str, words: str) -> None:
    settings.HUIQI_UPLOAD_LIMIT = 1024 * 1024
    response = send(somebody(language=language), b"x" * 1024 * 1024)
    assert response.status_code == 413
    assert words in visible(response)
    assert f'href="{LIST}"' in response.content.decode()
    assert not RosterTrial.objects.exists()


def test_many_files_within_an_hour_have_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiqi.web.views.rosters.MOST_TRIALS", 2)
    client = somebody()
    for _ in range(2):
        tried(client)
    RosterTrial.objects.all().delete()
    response = send(client)
    assert response.status_code == 429 and "过一会儿再试" in visible(response)
    assert not RosterTrial.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "<script>alert(1)</script>.csv", "\u202evsc.名册", "a" * 400 + ".csv"]
)
def test_the_name_of_a_file_is_shown_as_text_and_leads_nowhere(name: str) -> None:
    client = somebody()
    trial = tried(client, BAD, name)
    for path in (trial, LIST):
        html = client.get(path).content.decode()
        assert "<script>alert" not in html and "\u202e" not in html and "../" not in html
    header = client.get(f"{trial}problems.csv").headers["Content-Disposition"]
    assert "/" not in header.removeprefix("attachment") and "\n" not in header


# --- the template and the columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_passes_the_trial_in_a_demonstration_and_not_elsewhere(
    settings: Any, kind: str, language: str
) -> None:
    client = somebody(language=language)
    response = client.get(f"{LIST}template.{kind}")
    assert f".{kind}" in response.headers["Content-Disposition"]
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    tried(client, content, f"x.{kind}")
    trial = RosterTrial.objects.get()
    assert (trial.state, trial.new, trial.warnings) == ("waiting", 1, 0), trial.problems
    settings.HUIQI_DEMO = False
    tried(client, content, f"x.{kind}")
    assert RosterTrial.objects.get().state == "refused"


def test_the_columns_are_told_without_those_that_the_office_may_not_bring_in() -> None:
    text = visible(somebody().get(f"{LIST}columns/"))
    assert "营业收入" in text and "万元" in text and "统一社会信用代码" in text
    assert "6 位行政区划代码" in text and "digits" not in text
    assert "招用退役士兵" not in text and "敏感个人信息" in text
    assert "招用退役士兵" in visible(somebody(function="veterans_affairs").get(f"{LIST}columns/"))


def test_the_pages_in_english() -> None:
    client = somebody(language="en")

    def read(path: str) -> str:
        text = visible(client.get(path))
        assert not re.search(r"[\u4e00-\u9fff]", text), (path, re.findall(r".{9}[\u4e00-\u9fff]+.{9}", text)[:3])
        return text

    assert "How to fill the cells" in read(f"{LIST}columns/")
    assert "The place of registration is not in your office's area" in read(tried(client, BAD))
    trial = tried(client)
    assert "Import 2 enterprises" in read(trial)
    assert "A dry run waits for your decision" in read(LIST)
    assert "Imported: 2 new, 0 updated." in visible(client.post(trial, {"act": "import"}, follow=True))
    assert "Imported so far" in read(LIST)
