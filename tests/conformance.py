"""Every answer that a test receives is held to the API description."""

import re
from functools import cache

import jsonschema_rs
import schemathesis
from flask.testing import FlaskClient
from schemathesis.specs.openapi import checks

from mount_point import BASE
from tests.secrecy import assert_kept, overheard, secrets_of

# What the description says of an answer, whatever was asked.
OF_AN_ANSWER = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
WITHOUT_A_BODY = OF_AN_ANSWER[:-1]


class ConformingClient(FlaskClient):
    """A client that fails the test whose answer the API description forbids, or that tells what it should not."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.secrets = set()

    def open(self, *args, buffered=True, **kwargs):
        overheard.lines = []
        response = super().open(*args, buffered=buffered, **kwargs)  # buffered: the files of the page are closed
        assert_conforms(response, Description.of(self.application))
        told = [response.text] if response.status_code >= 400 else []
        self.secrets |= secrets_of(kwargs.get("json"), kwargs.get("headers"))
        assert_kept(self.secrets, *told, *overheard.lines)
        return response


class Description:
    """The API description of an app; its validators are built once."""

    @classmethod
    @cache
    def of(cls, app):
        return cls(app.config["DESCRIPTION"])

    def __init__(self, document):
        self.schema = schemathesis.openapi.from_dict(document)
        self.problem = jsonschema_rs.validator_for(document["components"]["schemas"]["Problem"])
        self.paths = [
            (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), self.schema[path]) for path in document["paths"]
        ]

    def find(self, path, method):
        """Return what schemathesis calls the case of a request: its operation; None if that is not described."""
        if path.startswith(BASE + "/api/v1/"):
            path = path.removeprefix(BASE)
        for pattern, operations in self.paths:
            match = pattern.fullmatch(path)
            if match and method.lower() in tuple(operations):
                return operations[method].Case(path_parameters=match.groupdict())
        return None


def assert_conforms(response, description):
    """Assert that the description allows this answer to its request; where it has none, that it is a problem."""
    method = response.request.method
    if method == "OPTIONS":
        return
    case = description.find(response.request.path, "GET" if method == "HEAD" else method)
    if case:
        case.validate_response(response, checks=WITHOUT_A_BODY if method == "HEAD" else OF_AN_ANSWER)
    else:
        assert response.status_code in (404, 405), f"{method} {response.request.path} is not in the API description"
        assert response.content_type == "application/problem+json"
        if method != "HEAD":
            description.problem.validate(response.json)
