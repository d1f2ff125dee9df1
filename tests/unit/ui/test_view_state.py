"""Every phase and everything over it has a view, in every language; what is said is what is so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from kiosk.domain import card as cards
from kiosk.domain.content import Said
from kiosk.domain.session import states as at
from ui import examples
from ui.bridge import event_of
from ui.view_state import Surroundings, counts_down, looks_alike, view_of

AROUND = Surroundings(office="Praha 2", terminal="T0007", clock="09:41", now=0.0)


@pytest.mark.parametrize("language", ["en", "cs", "ar", "xx"])
@pytest.mark.parametrize(
    ("name", "phase"), list(examples.phases()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_phase_under_everything_has_a_view(name: str, phase: at.Phase, language: str) -> None:
    for overlay in (None, *(o for _, o in examples.overlays())):
        for line in at.Line:
            session = examples.session(phase, language=language, overlay=overlay, line=line)
            view = view_of(session, AROUND)
            assert view.screen, name
            json.dumps([view.fields, view.chrome, view.overlay])  # plain values only
            assert bool(view.overlay) == (overlay is not None)


def test_the_examples_cover_every_phase_and_overlay() -> None:
    assert {type(phase) for _, phase in examples.phases()} == set(get_args(at.Phase))
    assert {type(overlay) for _, overlay in examples.overlays()} == set(get_args(at.Overlay))


def test_every_button_means_something() -> None:
    def buttons(value: object) -> list[dict[str, str]]:
        if isinstance(value, dict):
            own = [value] if {"id", "act"} <= value.keys() else []
            return own + [b for v in value.values() for b in buttons(v)]
        return [b for v in value for b in buttons(v)] if isinstance(value, list) else []

    for name, phase in examples.phases():
        session = examples.session(phase)
        view = view_of(session, AROUND)
        for found in buttons([view.fields, view.chrome]):
            assert event_of(found["act"], found.get("argument", ""), session) is not None, (name, found)


def test_an_act_that_nobody_knows_is_nothing() -> None:
    assert event_of("format_disk", "", examples.session(at.Menu(examples.VISITOR))) is None


def test_the_full_account_is_shown_only_after_the_pin() -> None:
    before = (at.Welcome, at.ChoosingLanguage, at.AwaitingCard, at.ExaminingCard, at.CardRefusedPhase, at.AwaitingPin, at.PinPaused,
              at.LastPinTry, at.PinIsBlocked, at.TakingCard, at.Ended, at.OutOfService)  # fmt: skip
    for name, phase in examples.phases():
        if isinstance(phase, before):
            shown = json.dumps(view_of(examples.session(phase), AROUND).fields, ensure_ascii=False)
            assert "Novotn" not in shown, name
            assert "0014 5399" not in shown, name


def test_no_pin_screen_has_a_key() -> None:
    for phase in (at.AwaitingPin(examples.CARD, until=42), at.AwaitingSignature(examples.CHECKED, until=50)):
        view = view_of(examples.session(phase), AROUND)
        assert view.screen == "pin"
        assert "keyboard" not in view.fields
        assert view.fields["digits"] == -1


def test_nothing_is_called_changed_before_it_is_in_force() -> None:
    for verdict in (None, examples.WAITING, examples.HELD):
        phase = at.ShowingReceipt(examples.CHECKED, examples.RECORDED, verdict, at.Printing.PRINTED)
        fields = view_of(examples.session(phase), AROUND).fields
        assert "changed" not in fields["title"].lower()
        assert "force" not in fields["title"].lower()
        assert fields["dates"] == []
    in_force = at.ShowingReceipt(examples.CHECKED, examples.RECORDED, examples.IN_FORCE, at.Printing.PRINTED)
    assert view_of(examples.session(in_force), AROUND).fields["dates"][0]["date"] == "15 December 2026"


def test_the_bank_s_name_stands_beside_the_record_s_with_two_ways_on() -> None:
    fields = view_of(examples.session(examples.CONFIRMED), AROUND).fields
    assert [name["lines"] for name in fields["names"]] == [["Marie Anna Novotná"], ["Marie Novotná"]]
    assert "CZ94 5500 0000 0010 1103 8930" in fields["account"]["lines"][0]
    assert (fields["yes"]["act"], fields["no"]["act"], fields["no"]["argument"]) == ("sign", "stop", "t-3")
    assert "sign" in fields["yes"]["text"].lower()


def test_what_waits_for_the_person_is_offered_first_wherever_they_look() -> None:
    person = replace(examples.PERSON, requests=(*examples.REQUESTS, examples.TO_CONFIRM))
    page = view_of(examples.session(at.Showing(at.Visitor(examples.CARD, "Marie", person), "requests.show")), AROUND)
    ways = [block for block in page.fields["blocks"] if block["kind"] == "way"]
    assert [[action["id"] for action in way["actions"]] for way in ways] == [["confirm-0", "stop-0"], ["stop-1"], []]
    menu = view_of(examples.session(at.Menu(examples.WAITED_FOR)), AROUND).fields["tiles"]
    assert next(tile for tile in menu if tile["id"] == "service-requests.show")["sub"] == "One of them waits for your word"
    receipt = at.ShowingReceipt(examples.CHECKED, examples.RECORDED, examples.CLOSE, at.Printing.PRINTED)
    assert [a["act"] for a in view_of(examples.session(receipt), AROUND).fields["actions"]] == ["print_again", "end", "confirm"]
    without = view_of(examples.session(receipt, card=False), AROUND).fields["actions"]
    assert "confirm" not in [a["act"] for a in without]


def test_the_bank_s_name_is_nowhere_but_on_its_page() -> None:
    for name, phase in examples.phases():
        shown = json.dumps(view_of(examples.session(phase), AROUND).fields, ensure_ascii=False)
        assert ("Anna" in shown) == name.startswith("confirm"), name


def test_a_noted_word_is_not_called_in_force_and_names_the_day() -> None:
    phase = at.ShowingReceipt(examples.CONFIRMED, examples.RECORDED, examples.NOTED, at.Printing.PRINTED)
    fields = view_of(examples.session(phase), AROUND).fields
    assert fields["title"] == "Your word is noted"
    assert [(d["id"], d["date"]) for d in fields["dates"]] == [("effective-on", "6 December 2026")]


def test_only_a_new_account_is_asked_of_the_bank() -> None:
    for checked, says in ((examples.CHECKED, "bank"), (examples.CONFIRMED, "office")):
        phase = at.Following(checked, examples.RECORDED, at.Step.SENT, 8, at.Printing.PRINTED)
        assert says in view_of(examples.session(phase), AROUND).fields["steps"][-1]["text"]


def test_staff_are_offered_first_before_the_last_try() -> None:
    actions = view_of(examples.session(at.LastPinTry(examples.CARD)), AROUND).fields["actions"]
    assert [a["id"] for a in actions] == ["staff", "continue"]


def test_wrong_pin_says_how_many_tries_are_left() -> None:
    phase = at.AwaitingPin(examples.CARD, cards.PinWrong(2), until=10)
    assert "2" in view_of(examples.session(phase), AROUND).fields["tries"]


def test_end_is_offered_wherever_a_visit_runs() -> None:
    without = (at.OutOfService, at.Welcome, at.ChoosingLanguage, at.Signing, at.Recording, at.TakingCard, at.Ended)
    for name, phase in examples.phases():
        end = view_of(examples.session(phase), AROUND).chrome["end"]
        assert bool(end) != isinstance(phase, without), name


def test_a_record_of_this_terminal_is_shown_with_its_date_and_when_it_was_compared() -> None:
    phase = at.Menu(at.Visitor(examples.CARD, "Marie", examples.CACHED))
    fields = view_of(examples.session(phase, line=at.Line.OFFLINE), AROUND).fields
    texts = [fact["text"] for fact in fields["facts"]]
    assert any("Your record as of" in text and "20 Nov" in text for text in texts), texts
    assert any("Kept on this terminal" in text and "22 Nov" in text for text in texts), texts
    assert fields["absent"] == ""
    online = view_of(examples.session(at.Menu(examples.VISITOR)), AROUND).fields
    assert not any("Kept on this terminal" in fact["text"] for fact in online["facts"])


@pytest.mark.parametrize("absence", [reason for reason in at.RecordAbsence if reason is not at.RecordAbsence.NOT_ON_FILE])
def test_who_is_not_cached_is_never_an_unknown_person(absence: at.RecordAbsence) -> None:
    fields = view_of(examples.session(at.Menu(at.Visitor(examples.CARD, "Marie", None, absence)), line=at.Line.OFFLINE), AROUND).fields
    assert "unknown" not in fields["absent"].lower()
    assert "take your request" in fields["absent"]
    assert {tile["id"]: tile["state"] for tile in fields["tiles"]}["service-bank_account.change"] == "received_pending"


def test_a_card_that_nothing_can_be_kept_for_is_told_so() -> None:
    for visitor in (
        at.Visitor(examples.CARD, "Marie", replace(examples.PERSON, cacheable=False)),
        at.Visitor(replace(examples.CARD, agrees=False), "Marie", examples.PERSON),
    ):
        texts = [fact["text"] for fact in view_of(examples.session(at.Menu(visitor)), AROUND).fields["facts"]]
        assert any("only while there is a connection" in text for text in texts)


def test_who_holds_the_record_is_one_touch_away_where_the_office_offers_it() -> None:
    offered = (*examples.SERVICES, "access.show")
    (door,) = view_of(examples.session(at.Menu(examples.VISITOR), services=offered), AROUND).fields["actions"]
    assert (door["act"], door["argument"], door["text"]) == ("choose_service", "access.show", "Who holds and sees my data")
    for phase, services in ((at.Menu(examples.VISITOR), (examples.CHANGE,)), (at.Menu(examples.AWAY), offered)):
        assert view_of(examples.session(phase, services=services), AROUND).fields["actions"] == []
    shown = examples.session(at.Showing(examples.VISITOR, "access.show"), overlay=at.HelpShown())
    assert "Every copy has a reason" in view_of(shown, AROUND).overlay["text"]


@pytest.mark.parametrize(
    ("world", "word"),
    [({"reference_age_seconds": None}, "too long"), ({"backlog": 9999}, "Too many"), ({"disk_free_bytes": 5}, "no room")],
)
def test_the_menu_says_what_is_closed_and_why(world: dict[str, object], word: str) -> None:
    session = examples.session(at.Menu(examples.VISITOR), line=at.Line.OFFLINE)
    fields = view_of(replace(session, environment=replace(session.environment, **world)), AROUND).fields
    assert word in fields["closed"]
    states = {tile["id"]: tile["state"] for tile in fields["tiles"]}
    assert states == {
        "service-bank_account.change": "closed", "service-requests.show": "from_cache",
    }  # fmt: skip
    assert view_of(session, AROUND).fields["closed"] == ""


def test_why_a_request_was_refused_is_read_in_the_language_that_the_screen_has_now():
    from ui.pages.showing import read
    from ui.words import words as texts_of

    known = Said("decision.request.refused", {"reason": "no paper"}, otherwise="Written once.")
    english, czech = (read(known, texts_of(language)) for language in ("en", "cs"))
    assert english != czech
    assert "no paper" in english
    assert "no paper" in czech
    assert read(Said("of.a.newer.version", {}, otherwise="Written once."), texts_of("cs")) == "Written once."


def test_the_representative_is_named_with_whom_it_is_for():
    sessions = dict(examples.sample_sessions())
    for language, said in (("en", "Jana Novotná for Karel Novotný"), ("cs", "Jana Novotná za: Karel Novotný")):
        session = sessions["acting-for"]
        shown = view_of(replace(session, comfort=replace(session.comfort, language=language)), Surroundings())
        assert shown.chrome["joined"] == said


def test_a_touch_alone_changes_nothing_that_is_seen() -> None:
    session = examples.session(at.Menu(examples.VISITOR))
    assert looks_alike(session, replace(session, idle_at=session.idle_at + 1))
    assert not looks_alike(session, replace(session, idle_at=1.0, phase=at.Welcome()))


def test_only_pages_with_a_time_limit_count_down() -> None:
    assert counts_down(examples.session(at.AwaitingPin(examples.CARD)))
    assert counts_down(examples.session(at.Menu(examples.VISITOR), overlay=at.IdleWarning(20)))
    assert not counts_down(examples.session(at.Menu(examples.VISITOR)))
