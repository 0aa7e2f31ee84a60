"""docs/settings.md says what the program reads."""

from sigap_server.settings import describe
from sigap_server.settings_doc import render
from tests.support.tools import REPOSITORY


def test_the_page_is_the_one_the_program_writes() -> None:
    page = (REPOSITORY / "docs" / "settings.md").read_text()
    assert page == render(), "run: python -m sigap_server.settings_doc > docs/settings.md"


def test_every_setting_is_explained() -> None:
    for setting in describe():
        assert setting.description, setting.key
        assert setting.description in render()
