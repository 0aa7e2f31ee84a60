"""The server's side of an update: offers a package and answers what units ask for."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from sigap.update_package import create, public_key, version_number
from sigap_simulator.flash import image
from sigap_tracker import FIRMWARE
from sigap_tracker.update.download import WINDOW_BYTES
from sigap_wire import ota, result, topics
from sigap_wire.ota import Chunk, Offer
from sigap_wire.result import Result
from tests.firmware.control import Control
from tests.support.waiting import eventually

KEY = ec.derive_private_key(0x5161_9A9, ec.SECP256R1())
PUBLIC_KEY = public_key(KEY).hex()


def firmware(version: str, present_files: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """The present firmware's files, of a unit of the unix port or those given, saying that it is another version."""
    name, present = FIRMWARE.split(" ")
    assert len(version) == len(present)
    files = {
        path: content.replace(FIRMWARE.encode(), f"{name} {version}".encode())
        for path, content in (present_files or present_application()).items()
    }
    assert any(f"{name} {version}".encode() in content for content in files.values())
    return files


@cache
def present_application() -> dict[str, bytes]:
    """Made once: it takes seconds."""
    return image.application()


def compiled(source: str) -> bytes:
    """A module that is not of the firmware."""
    return image._compiled(source, [])


def package(version: str, files: dict[str, bytes] | None = None) -> bytes:
    content = firmware(version) if files is None else files
    return create(content, f"sigap-tracker {version}", version_number(version), KEY)


class UpdateServer:
    """Of one package for one unit."""

    def __init__(self, control: Control, content: bytes, version: str, update_id: int = 1) -> None:
        self._control = control
        self._content = content
        self._offer = Offer(update_id, len(content), version_number(version))
        self._answered = 0
        self.chunks = 0

    def offer(self) -> None:
        self._control.send(topics.OTA, self._offer.encode())

    def results(self) -> list[Result]:
        return [
            found
            for found in self._control.of(topics.RESULT)
            if found.subject == result.SUBJECT_UPDATE and found.number == self._offer.update_id
        ]

    def outcomes(self) -> list[int]:
        """Without the questions."""
        return [found.outcome for found in self.results() if found.outcome != result.WANTED]

    def answer(self) -> None:
        """What the unit asked for since the last time."""
        questions = [found for found in self.results() if found.outcome == result.WANTED]
        for question in questions[self._answered :]:
            for offset in range(question.value, min(question.value + WINDOW_BYTES, len(self._content)), 512):
                data = self._content[offset : offset + ota.DATA_MAX_BYTES]
                self._control.send(topics.OTA, Chunk(self._offer.update_id, offset, data).encode())
                self.chunks += 1
        self._answered = len(questions)

    def serve_until(self, outcome: int, deadline_s: float = 60.0) -> Result:
        """Answer until that outcome comes."""

        def found() -> Result | None:
            self.answer()
            return next((said for said in self.results() if said.outcome == outcome), None)

        said = eventually(found, deadline_s, f"outcome {outcome}")
        assert said is not None
        return said
