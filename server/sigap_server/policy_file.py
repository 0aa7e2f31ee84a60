"""The rules of dispatch, from their file."""

from pathlib import Path

from sigap_server.dispatch.policy import Policy, policy_from_toml
from sigap_server.errors import PolicyError


def load_policy(path: Path) -> Policy:
    """Raises PolicyError, which names the file, and the rule that is unknown or makes no sense."""
    try:
        return policy_from_toml(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"the policy {path} cannot be read: {error}") from error
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from error
