"""A curl command of the README or a guide, sent by the client of the tests."""

import argparse
import shlex

HOST = "http://127.0.0.1:8000"
API = f"{HOST}/api/v1"


def curl(client, line, files=None):
    """Send what a curl command of a page sends; `files` has those that it may read or write, by name."""
    parser = argparse.ArgumentParser()
    for option, name in (("-X", "method"), ("-d", "data"), ("--data-binary", "file"), ("-o", "output")):
        parser.add_argument(option, dest=name)
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("url")
    sent, _others = parser.parse_known_args(shlex.split(line.replace("$API", API))[1:])
    data = files[sent.file.removeprefix("@")] if sent.file else sent.data
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
    headers |= dict(header.split(": ") for header in sent.headers)
    method = sent.method or ("POST" if data else "GET")
    response = client.open(sent.url.removeprefix(HOST), method=method, data=data, headers=headers)
    if sent.output:
        files[sent.output] = response.text
    return response
