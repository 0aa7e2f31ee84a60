"""Journal and slots through random histories of writes and power cuts, several in one history."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_tracker.storage.journal import Journal
from sigap_tracker.storage.slots import Slots
from tests.portable.nor_flash import NorFlash, PowerCutError

SECTORS = 2
values = st.one_of(st.just(b""), st.binary(min_size=1, max_size=40), st.binary(min_size=300, max_size=512))
# A put, or with an empty value a remove; and in how many operations on the flash from now the power goes, if at all.
history = st.lists(
    st.tuples(st.integers(0, 5), values, st.one_of(st.none(), st.none(), st.integers(0, 6))), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(steps=history, seed=st.integers(0, 1 << 20), before=st.binary(max_size=30))
def test_the_journal_has_what_it_took(steps: list[tuple[int, bytes, int | None]], seed: int, before: bytes) -> None:
    flash = NorFlash(SECTORS, seed)
    flash.content[: len(before)] = before
    expected: dict[int, bytes] = {}
    journal = Journal(flash, 0, SECTORS)
    for key, value, cut_in in steps:
        flash.power_on(cut_in)
        changed = {other: kept for other, kept in expected.items() if other != key}
        if value:
            changed[key] = value
        try:
            if value:
                journal.put(key, value)
            else:
                journal.remove(key)
            flash.power_on()
            expected = changed
        except PowerCutError:
            flash.power_on()
            journal = Journal(flash, 0, SECTORS)
            found = content(journal)
            assert found in (expected, changed)
            expected = found
        assert content(journal) == expected
    assert content(Journal(flash, 0, SECTORS)) == expected


def content(journal: Journal) -> dict[int, bytes | None]:
    keys = journal.keys()
    assert len(set(keys)) == len(keys)
    return {key: journal.get(key) for key in keys}


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(st.tuples(st.binary(max_size=8000), st.one_of(st.none(), st.integers(0, 3))), max_size=12),
    seed=st.integers(0, 1 << 20),
)
def test_the_slots_have_the_old_document_or_the_new(steps: list[tuple[bytes, int | None]], seed: int) -> None:
    flash = NorFlash(4, seed)
    expected = None
    for document, cut_in in steps:
        flash.power_on(cut_in)
        try:
            Slots(flash, 0).store(document)
            expected = document
        except PowerCutError:
            flash.power_on()
            found = Slots(flash, 0).load()
            assert found in (expected, document)
            expected = found
        flash.power_on()
        assert Slots(flash, 0).load() == expected


@settings(max_examples=300, deadline=None)
@given(content=st.binary(min_size=0, max_size=600), at=st.integers(0, 4096 * 2 - 600))
def test_whatever_a_flash_holds_it_can_be_used(content: bytes, at: int) -> None:
    flash = NorFlash(4)
    flash.content[at : at + len(content)] = content
    journal, slots = Journal(flash, 0, 2), Slots(flash, 0)
    assert slots.load() is None
    assert journal.keys() == []
    journal.put(3, b"x")
    assert Journal(flash, 0, 2).get(3) == b"x"
