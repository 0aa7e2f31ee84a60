"""micropython -X heapsize=128k -m sigap_tracker SETTINGS.json"""

import asyncio
import gc
import sys

from sigap_tracker import settings
from sigap_tracker.errors import SettingsError

gc.collect()


def main() -> None:
    if len(sys.argv) != 2:
        print("usage: micropython -m sigap_tracker SETTINGS.json", file=sys.stderr)
        sys.exit(2)
    try:
        given = settings.load(sys.argv[1])
    except SettingsError as error:
        print("sigap_tracker: %s" % error, file=sys.stderr)
        sys.exit(2)
    from sigap_tracker import texts
    words = texts.load(given["language"])
    del sys.modules["sigap_tracker.settings"], sys.modules["sigap_tracker.texts"]
    from sigap_tracker.hal_unix import Hal
    gc.collect()
    from sigap_tracker.app import App
    gc.collect()
    app = App(Hal(given), given, words)
    gc.collect(); print(gc.mem_alloc())
    asyncio.run(app.run())


main()
