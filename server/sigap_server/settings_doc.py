"""The settings as a page: `python -m sigap_server.settings_doc` writes what docs/settings.md holds."""

import sys

from sigap_server.settings import CONFIG_NAME, Setting, describe

_HEAD = f"""# Settings

Sigap reads `{CONFIG_NAME}` in the folder it is started in, or the file given with `--config` or in `SIGAP_CONFIG`.
Environment variables win over the file. None is needed. An unknown name, in the file or among the variables that begin
with `SIGAP_`, and a value that is not allowed, stop the start; the message names what is wrong and what is allowed.

```toml
[http]
port = 8081

[dispatch]
policy = "policy.toml"
```
"""


def render() -> str:
    """The page."""
    parts = [_HEAD]
    section = None
    for setting in describe():
        name = setting.key.rpartition(".")[0]
        if name != section:
            section = name
            parts.append(f"\n## {'[' + name + ']' if name else 'Top level'}\n")
            parts.append("| Setting | Default | Meaning | Variable |\n|---|---|---|---|")
        parts.append(_row(setting))
    return "\n".join(parts) + "\n"


def _row(setting: Setting) -> str:
    default = "not set" if setting.default is None else f"`{setting.default}`"
    return f"| `{setting.key.rpartition('.')[2]}` | {default} | {setting.description} | `{setting.variable}` |"


if __name__ == "__main__":
    sys.stdout.write(render())
