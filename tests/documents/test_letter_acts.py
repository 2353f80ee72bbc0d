"""The life of a letter: who may do what, in which order, and what stands for ever."""

from __future__ import annotations

import hashlib

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from tests.at_once import together
from tests.browser.world import actor, make_person

from huiqi.documents.letters import acts
from huiqi.documents.letters.acts import Addressee, approve, deliver, draft, issue, opened, revise, send_back
from huiqi.documents.letters.kinds import ContentProblem
from huiqi.documents.letters.numbering import derived_code, set_code
from huiqi.documents.letters.problems import Incomplete, LetterProblem, NeedsAnother, Overtaken
from huiqi.documents.letters.verifying import verify
from huiqi.documents.models import Letter, LetterCounter, LetterFile, LetterVersion, Notice
from huiqi.journal.models import Change, Event
from huiqi.registry.models import Organisation

from .conftest import CONTENTS, MATTER, Office, make_office


def issued(office: Office, kind: str = "acceptance", **options: bool) -> Letter:
    letter = office.drafted(kind, **options)
    return issue(office.officer, approve(office.supervisor, letter))


# --- from draft to delivery -------------------------------------------------------------------------------------------


def test_a_letter_goes_from_draft_to_the_inbox_and_each_step_is_on_record(office: Office) -> None:
    letter = office.drafted("reply")
    assert (letter.state, letter.number, letter.code) == ("draft", "", None)
    letter = revise(office.clerk, letter, CONTENTS["reply"] | {"decision": "责成对方立即付清。"})
    letter = approve(office.supervisor, letter)
    letter = issue(office.officer, letter)
    year = timezone.localdate().year
    assert letter.number == f"喀什工信〔{year}〕1号"
    assert letter.sha256 == hashlib.sha256(bytes(LetterFile.objects.get(letter=letter).pdf)).hexdigest()
    letter = deliver(office.officer, letter, "in_app")
    notice = Notice.objects.get(organisation=office.firm, kind="letter")
    assert (notice.subject, notice.data["number"]) == (str(letter.pk), letter.number)
    letter = opened(office.owner, letter)
    assert (letter.state, letter.opened_by) == ("delivered", office.owner.person)
    done = Event.objects.filter(object_kind="documents.letter", object_id=str(letter.pk)).order_by("id")
    assert [event.verb for event in done] == [
        "letter.drafted", "letter.revised", "letter.approved", "letter.issued", "letter.delivered", "letter.opened",
    ]  # fmt: skip
    assert all(52 in event.articles for event in done)
    assert [version.number for version in letter.versions.all()] == [1, 2]


def test_nobody_but_the_addressee_opens_it_on_record_and_only_once(office: Office) -> None:
    letter = issued(office)
    assert opened(office.officer, letter).opened_at is None
    first = opened(office.owner, letter).opened_at
    assert first is not None and opened(office.owner, letter).opened_at in (None, first)
    assert Event.objects.filter(verb="letter.opened").count() == 1


def test_only_those_who_handle_the_matter_write_for_their_own_organ(office: Office) -> None:
    to = Addressee("样例收件人", natural=True)
    for who in (office.reader, office.owner):
        with pytest.raises(PermissionDenied):
            draft(who, "acceptance", MATTER, office.bureau, to, CONTENTS["acceptance"])
    with pytest.raises(PermissionDenied):  # handles it, and writes for another organ
        draft(office.elsewhere, "acceptance", MATTER, office.bureau, to, CONTENTS["acceptance"])
    with pytest.raises(PermissionDenied):  # a matter of which no package has spoken
        draft(office.officer, "acceptance", ("unknown", 12), office.bureau, to, CONTENTS["acceptance"])
    letter = office.drafted()
    for who in (office.reader, office.owner, office.elsewhere):
        for step in (lambda a: revise(a, letter, {}), lambda a: approve(a, letter), lambda a: issue(a, letter)):
            with pytest.raises(PermissionDenied):
                step(who)
    with pytest.raises(PermissionDenied):  # a clerk writes, and does not approve
        approve(office.clerk, letter)
    assert Letter.objects.get(pk=letter.pk).state == "draft"


def test_a_reply_is_approved_by_another_person(office: Office) -> None:
    letter = office.drafted("reply")
    with pytest.raises(NeedsAnother):
        approve(office.officer, letter)
    letter = revise(office.supervisor, letter, CONTENTS["reply"] | {"finding": "诉求部分成立。"})
    with pytest.raises(NeedsAnother):  # the last version is hers
        approve(office.supervisor, letter)
    assert not approve(office.officer, letter).approved_alone
    assert approve(office.officer, office.drafted("acceptance")).approved_by == office.officer.person


def test_where_nobody_else_can_approve_the_record_says_so(office: Office) -> None:
    supervisor = office.supervisor.membership
    assert supervisor is not None
    supervisor.ended_at = timezone.now()
    supervisor.save()
    letter = approve(office.officer, office.drafted("reply"))
    assert letter.approved_alone
    event = Event.objects.get(verb="letter.approved")
    assert event.details["alone"] is True


def test_a_letter_with_gaps_is_kept_and_not_approved_or_issued(office: Office) -> None:
    letter = office.drafted("reply", remedies="", facts="")
    with pytest.raises(Incomplete) as refused:
        approve(office.supervisor, letter)
    assert [field.name for field in refused.value.fields] == ["facts", "remedies"]
    # also one that was approved behind the acts
    Letter.objects.filter(pk=letter.pk).update(
        state="approved", approved_by=office.supervisor.person, approved_at=timezone.now()
    )
    with pytest.raises(Incomplete):
        issue(office.officer, Letter.objects.get(pk=letter.pk))
    assert not LetterCounter.objects.exists()


def test_content_is_checked_field_by_field(office: Office) -> None:
    with pytest.raises(ContentProblem) as refused:
        office.drafted(until="2026-13-40", matter="长" * 61, nonsense="x")
    assert set(refused.value.faults) == {"until", "matter", "nonsense"}


def test_sent_back_is_a_draft_again_with_the_reason(office: Office) -> None:
    letter = approve(office.supervisor, office.drafted())
    with pytest.raises(ValueError, match="reason"):
        send_back(office.supervisor, letter, "  ")
    letter = send_back(office.supervisor, letter, "期限写错了")
    assert (letter.state, letter.sent_back, letter.approved_by) == ("draft", "期限写错了", None)
    assert approve(office.supervisor, letter).sent_back == "期限写错了"


def test_a_revision_takes_the_approval_away_and_the_same_words_do_not(office: Office) -> None:
    letter = approve(office.supervisor, office.drafted())
    assert revise(office.officer, letter, CONTENTS["acceptance"]).state == "approved"
    assert revise(office.officer, letter, CONTENTS["acceptance"] | {"matter": "拖欠工程款"}).state == "draft"


def test_on_this_platform_it_is_delivered_only_to_somebody_here(office: Office) -> None:
    to = Addressee("没有账号的人", natural=True)
    letter = draft(office.officer, "acceptance", MATTER, office.bureau, to, CONTENTS["acceptance"])
    letter = issue(office.officer, approve(office.officer, letter))
    with pytest.raises(LetterProblem, match="no account"):
        deliver(office.officer, letter, "in_app")
    assert Letter.objects.get(pk=letter.pk).state == "issued"
    assert deliver(office.clerk, letter, "in_person", "本人签收").delivered_how == "in_person"


# --- what stands for ever ---------------------------------------------------------------------------------------------

CHANGES = (
    "UPDATE documents_letter SET number = 'x'",
    "UPDATE documents_letter SET addressee = 'x'",
    "UPDATE documents_letter SET kind = 'reply'",
    "UPDATE documents_letter SET version = 7",
    "UPDATE documents_letter SET state = 'draft', number = '', sha256 = '', code = NULL, year = NULL, sequence = NULL, "
    "issued_by_id = NULL, issued_at = NULL, approved_by_id = NULL, approved_at = NULL",
    "UPDATE documents_letterfile SET pdf = ''::bytea",
    "UPDATE documents_letterversion SET content = '{}'::jsonb",
    "DELETE FROM documents_letterfile",
    "DELETE FROM documents_letterversion",
    "DELETE FROM documents_letter",
    "INSERT INTO documents_letterversion (letter_id, number, content, by_id, at) "
    "SELECT id, 9, '{}'::jsonb, drafted_by_id, now() FROM documents_letter",
)


def test_an_issued_letter_does_not_change_whoever_asks(office: Office) -> None:
    issued(office)
    for statement in CHANGES:
        with (
            pytest.raises(DatabaseError, match=r"is issued|only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_nor_do_the_acts_change_it(office: Office) -> None:
    letter = issued(office)
    for step in (
        lambda: revise(office.officer, letter, CONTENTS["acceptance"] | {"matter": "别的"}),
        lambda: approve(office.supervisor, letter),
        lambda: send_back(office.supervisor, letter, "想改"),
        lambda: issue(office.officer, letter),
    ):
        with pytest.raises(Overtaken):
            step()
    deliver(office.officer, letter, "post", "挂号信")
    with pytest.raises(Overtaken):
        deliver(office.officer, letter, "in_person")


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_run_without_gaps_and_a_failed_issue_leaves_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = issued(office)
    letter = approve(office.supervisor, office.drafted())
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(acts, "render_pdf", lambda sheet: (_ for _ in ()).throw(RuntimeError("no paper")))
        issue(office.officer, letter)
    second = issue(office.officer, Letter.objects.get(pk=letter.pk))
    assert (first.sequence, second.sequence) == (1, 2)


def test_a_character_that_no_font_has_is_named_and_costs_no_number(office: Office) -> None:
    letter = approve(office.supervisor, office.drafted(matter="拖欠龘货款"))
    with pytest.raises(LetterProblem, match="龘"):
        issue(office.officer, letter)
    assert Letter.objects.get(pk=letter.pk).state == "approved"
    assert issued(office).sequence == 1


@pytest.mark.parametrize(
    ("region", "function", "code"),
    [
        ("653100", "industry_and_it", "喀什工信"),
        ("653101", "industry_and_it", "喀什市工信"),
        ("653121", "market_regulation", "疏附市监"),
        ("650000", "industry_and_it", "新工信"),
        ("653100", "other", "某园区办公室"),
    ],
)
def test_an_organ_has_a_code_that_says_place_and_function(
    office: Office, region: str, function: str, code: str
) -> None:
    organ = Organisation.objects.create(
        kind="organ", region_id=region, organ_function=function, name_zh="某园区办公室（样例）"
    )
    assert derived_code(organ) == code


def test_the_system_administrator_sets_the_code_and_no_two_organs_share_one(office: Office) -> None:
    admin = actor(make_person("system", office.bureau, "system_admin"))
    issued(office)
    other = office.reader.organisation
    assert other is not None
    with pytest.raises(LetterProblem):  # taken by what was issued
        set_code(admin, other, "喀什工信", "试试")
    with pytest.raises(LetterProblem):
        set_code(admin, other, "〔〕", "试试")
    with pytest.raises(PermissionDenied):
        set_code(office.officer, office.bureau, "喀地工信", "想改")
    set_code(admin, office.bureau, "喀地工信", "与档案局核对过")
    assert issued(office).number.startswith("喀地工信〔")
    assert Event.objects.filter(verb="letter.code_set", reason="与档案局核对过").count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Real threads with connections of their own."""

    def test_letters_issued_at_once_get_numbers_without_gap_or_double(self) -> None:
        office = make_office()
        letters = [approve(office.supervisor, office.drafted()) for _ in range(6)]
        together(lambda each: issue(office.officer, each), letters, LetterProblem)
        found = Letter.objects.filter(organ=office.bureau).values_list("sequence", flat=True)
        assert sorted(found) == [1, 2, 3, 4, 5, 6]

    def test_of_two_who_act_on_one_letter_one_wins_and_the_other_is_told(self) -> None:
        office = make_office()
        letter = approve(office.supervisor, office.drafted())
        seen = [Letter.objects.get(pk=letter.pk) for _ in range(2)]
        outcomes = together(lambda each: issue(office.officer, each), seen, LetterProblem)
        assert sorted(type(each).__name__ for each in outcomes) == ["Letter", "Overtaken"]
        letter = office.drafted()
        writers = [(office.officer, "甲"), (office.clerk, "乙")]
        outcomes = together(
            lambda who: revise(who[0], letter, CONTENTS["acceptance"] | {"matter": who[1]}), writers, LetterProblem
        )
        assert sorted(type(each).__name__ for each in outcomes) == ["Letter", "Overtaken"]
        assert LetterVersion.objects.filter(letter=letter).count() == 2


# --- who sees what ----------------------------------------------------------------------------------------------------


def seen_by(office: Office, letter: Letter) -> set[str]:
    names = ("officer", "supervisor", "clerk", "owner", "elsewhere", "reader")
    return {name for name in names if Letter.objects.visible_to(getattr(office, name)).filter(pk=letter.pk).exists()}


def test_a_draft_is_seen_by_those_who_handle_it_and_an_issued_letter_by_readers_and_the_addressee(
    office: Office,
) -> None:
    handling = {"officer", "supervisor", "clerk"}
    letter = office.drafted()
    assert seen_by(office, letter) == handling
    letter = issue(office.officer, approve(office.supervisor, letter))
    assert seen_by(office, letter) == handling | {"owner", "reader"}
    visible = LetterVersion.objects.visible_to
    assert visible(office.officer).count() == visible(office.owner).count() == 1
    assert not visible(office.elsewhere).exists()
    assert LetterFile.objects.visible_to(office.owner).exists()
    assert not LetterFile.objects.visible_to(office.elsewhere).exists()


def test_the_addressee_reads_what_is_issued_and_not_the_versions_before(office: Office) -> None:
    letter = revise(office.officer, office.drafted(), CONTENTS["acceptance"] | {"matter": "后来的写法"})
    letter = issue(office.officer, approve(office.supervisor, letter))
    assert [version.number for version in LetterVersion.objects.visible_to(office.owner)] == [2]
    assert LetterVersion.objects.visible_to(office.officer).count() == 2


def test_a_letter_to_somebody_withheld_is_seen_by_the_office_and_the_addressee_only(office: Office) -> None:
    letter = issued(office, hidden=True)
    assert seen_by(office, letter) == {"officer", "supervisor", "clerk", "owner"}
    assert acts.sheet(letter).addressee == acts.WITHHELD


def test_a_withheld_name_stands_neither_in_the_text_nor_in_the_journal(office: Office) -> None:
    with pytest.raises(ContentProblem) as refused:
        office.drafted(hidden=True, matter=f"{office.firm.name_zh}被拖欠货款")
    assert set(refused.value.faults) == {"matter"}
    letter = issued(office, hidden=True)
    deliver(office.officer, letter, "in_app", f"交给{office.firm.name_zh}")
    opened(office.owner, letter)
    assert not Event.objects.filter(verb__startswith="letter.").exclude(subject=None).exists()
    assert Event.objects.get(verb="letter.opened").person is None
    told = str([*Change.objects.filter(kind__startswith="documents.").values_list("before", "after")])
    assert office.firm.name_zh not in told and f"_id': {office.firm.pk}" not in told


# --- the check --------------------------------------------------------------------------------------------------------


def test_a_genuine_letter_is_told_by_code_and_number_however_they_are_typed(office: Office) -> None:
    letter = issued(office)
    code, year = letter.shown_code, letter.year
    for typed in (code, code.lower(), f" {letter.code} ", code.replace("-", "－")):
        found = verify(typed)
        assert found is not None and found.number == letter.number and found.kept
    for number in (letter.number, f"喀什工信[{year}]第1号", f"喀什工信 {year} 1 号"):
        assert verify(code, number) is not None
    assert verify(code, f"喀什工信〔{year}〕2号") is None
    assert verify(code[:-1] + ("A" if code[-1] != "A" else "B")) is None
    assert verify("") is verify("K" * 40) is None


def test_a_file_that_was_changed_behind_the_guard_is_found_out(office: Office) -> None:
    letter = issued(office)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE documents_letterfile DISABLE TRIGGER only_appended")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE documents_letterfile SET pdf = pdf || '\\x00'")
    found = verify(letter.code or "")
    assert found is not None and not found.kept
