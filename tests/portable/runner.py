"""Runs on MicroPython: the functions test_* of one module, one JSON line each.

micropython runner.py tests.portable.test_cbor
"""

import io
import json
import sys


def run(name):
    __import__(name)
    module = sys.modules[name]
    for test in sorted(dir(module)):
        if not test.startswith("test_"):
            continue
        failure = ""
        try:
            getattr(module, test)()
        except Exception as error:
            trace = io.StringIO()
            sys.print_exception(error, trace)
            failure = trace.getvalue()
        print(json.dumps({"test": test, "failure": failure}))


run(sys.argv[1])
