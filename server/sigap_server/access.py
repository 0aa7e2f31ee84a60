"""Who may log in: passwords, sessions, and patience with those who guess."""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from functools import cache
from typing import NamedTuple

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from sigap_server.counters import Counters
from sigap_server.errors import RequestError
from sigap_server.store import operators
from sigap_server.store.database import Database

_FREE_FAILURES = 5
_LONGEST_DELAY_S = 300
_ADDRESSES_MAX = 10_000
# Each verification takes 64 MiB and a core for some 50 ms: guessing must not starve dispatch.
_VERIFYING_AT_ONCE = 1

_hasher = PasswordHasher()
log = structlog.get_logger()


def hash_password(password: str) -> str:
    """As the table `operator` holds it (argon2id)."""
    return _hasher.hash(password)


@cache
def _hash_of_nobody() -> str:
    """Compared with when the name is unknown, so that the answer takes as long as for a known one."""
    return hash_password(secrets.token_urlsafe(16))


def hash_token(token: str) -> str:
    """As the table `session` holds it."""
    return hashlib.sha256(token.encode()).hexdigest()


class Login(NamedTuple):
    """A session in force. `key` identifies it without being the token."""

    name: str
    key: str
    expires_ms: int


class FailureDelay:
    """After some failures an address must wait, twice as long after each further one."""

    def __init__(self) -> None:
        # Address → (failures, not before s), the one that failed last at the end.
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str, now_s: float) -> float:
        """How long the address must wait still."""
        _, not_before_s = self._failures.get(address, (0, 0.0))
        return max(0.0, not_before_s - now_s)

    def failed(self, address: str, now_s: float) -> None:
        """Another failure."""
        failures = self._failures.pop(address, (0, 0.0))[0] + 1
        beyond = failures - _FREE_FAILURES
        delay_s = min(2.0**beyond, _LONGEST_DELAY_S) if beyond >= 0 else 0.0
        self._failures[address] = (failures, now_s + delay_s)
        if len(self._failures) > _ADDRESSES_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forgiven."""
        self._failures.pop(address, None)


class Access:
    """Logs operators in and out."""

    def __init__(self, database: Database, counters: Counters, session_hours: int) -> None:
        self._database = database
        self._counters = counters
        self._session_ms = session_hours * 3_600_000
        self._delay = FailureDelay()
        self._verifying = asyncio.Semaphore(_VERIFYING_AT_ONCE)
        self._nobody = _hash_of_nobody()

    async def log_in(self, name: str, password: str, address: str, now_ms: int) -> str:
        """A new session's token. Raises RequestError: login_delayed, login_wrong."""
        loop = asyncio.get_running_loop()
        wait_s = self._delay.wait_s(address, loop.time())
        if wait_s > 0:
            self._counters.add("access.logins_delayed")
            raise RequestError(
                429, "login_delayed", "too many wrong passwords from this address", retry_after_s=int(wait_s) + 1
            )
        async with self._database.read() as connection:
            operator = await operators.find_operator(connection, name)
        is_right = await self._verify(operator.password_hash if operator else self._nobody, password)
        if operator is None or not is_right:
            self._delay.failed(address, loop.time())
            self._counters.add("access.login_failures")
            log.warning("login_failed", address=address)
            raise RequestError(401, "login_wrong", "name or password is wrong")
        self._delay.succeeded(address)
        token = secrets.token_urlsafe(32)
        async with self._database.write() as connection:
            await operators.add_session(
                connection, hash_token(token), operator.operator_id, now_ms, now_ms + self._session_ms
            )
        self._counters.add("access.logins")
        log.info("login", operator=operator.name, address=address)
        return token

    async def _verify(self, password_hash: str, password: str) -> bool:
        async with self._verifying:
            try:
                return await asyncio.to_thread(_hasher.verify, password_hash, password)
            except VerificationError:
                return False

    async def find(self, token: str | None, now_ms: int) -> Login | None:
        """The login of this token, None if there is none or it ended."""
        if not token:
            return None
        key = hash_token(token)
        async with self._database.read() as connection:
            found = await operators.find_session(connection, key, now_ms)
        return None if found is None else Login(found.name, key, found.expires_ms)

    async def log_out(self, login: Login) -> None:
        """End the session."""
        async with self._database.write() as connection:
            await operators.drop_session(connection, login.key)
        log.info("logout", operator=login.name)
