"""Every answer that a test receives is held to the API description, and so is every request that is not refused."""

import re
from contextlib import suppress
from functools import lru_cache

import jsonschema_rs
import orjson
import schemathesis
from flask.testing import FlaskClient
from schemathesis.specs.openapi import checks

from tests.support.secrecy import assert_kept, overheard, secrets_of
from web.middleware import BASE

# What the description says of an answer, whatever was asked.
OF_AN_ANSWER = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
WITHOUT_A_BODY = OF_AN_ANSWER[:-1]


class ConformingClient(FlaskClient):
    """A client that fails the test if the description forbids an answer, or if a problem or the log holds a secret."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.secrets = set()

    def open(self, *args, buffered=True, **kwargs):
        overheard.lines = []
        response = super().open(*args, buffered=buffered, **kwargs)  # buffered: the files of the page are closed
        description = Description.of(self.application)
        assert_conforms(response, description)
        if response.status_code < 400:
            assert_described(response.request, description)
        problem = [response.text] if response.status_code >= 400 else []
        self.secrets |= secrets_of(kwargs.get("json"), kwargs.get("headers"))
        assert_kept(self.secrets, *problem, *overheard.lines)
        return response


class Description:
    """An API description, as JSON; its validators, which take 35 MiB, are built once for all apps that have it."""

    @classmethod
    def of(cls, app):
        if "conformance" not in app.extensions:
            app.extensions["conformance"] = cls.built(orjson.dumps(app.config["DESCRIPTION"]))
        return app.extensions["conformance"]

    @classmethod
    @lru_cache(4)
    def built(cls, data):
        return cls(orjson.loads(data))

    def __init__(self, document):
        self.schema = schemathesis.openapi.from_dict(document)
        self.problem = validator_for(document["components"]["schemas"]["Problem"], document["components"])
        self.requests = {
            (path, method.upper()): DescribedRequest(operation, document["components"])
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if method != "servers"
        }
        self.paths = [(pattern_of(path), self.schema[path]) for path in document["paths"]]

    def find(self, path, method):
        """Return what schemathesis calls the case of a request: its operation; None if that is not described."""
        if path.startswith(BASE + "/api/v1/"):
            path = path.removeprefix(BASE)
        for pattern, operations in self.paths:
            match = pattern.fullmatch(path)
            if match and method.lower() in tuple(operations):
                return operations[method].Case(path_parameters=match.groupdict())
        return None


def pattern_of(path):
    """Return the pattern of a described path: a parameter has no slash, unless it is the name of a file."""
    pattern = path.replace("{name}", "(?P<name>.+)")
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


def assert_conforms(response, description):
    """Assert that the description allows this answer to its request.

    What it does not describe is a problem, or leads from a page with a slash at its end to the page.
    """
    method = response.request.method
    if method == "OPTIONS":
        return
    case = description.find(response.request.path, "GET" if method == "HEAD" else method)
    if case:
        case.validate_response(response, checks=WITHOUT_A_BODY if method == "HEAD" else OF_AN_ANSWER)
    elif response.status_code == 308:
        assert response.headers["Location"] == f"..{response.request.path[:-1]}"
    else:
        assert response.status_code in (404, 405), f"{method} {response.request.path} is not in the API description"
        assert response.content_type == "application/problem+json"
        if method != "HEAD":
            description.problem.validate(response.json)


class DescribedRequest:
    """What the description says of the requests of an operation: their parameters and their body."""

    def __init__(self, operation, components):
        self.types, self.parameters = {}, {"path": {}, "query": {}}
        for parameter in operation["parameters"]:
            if parameter["in"] != "header":  # any text is one of ours
                schema = parameter["schema"]
                self.types[parameter["name"]] = schema.get("type")
                self.parameters[parameter["in"]][parameter["name"]] = validator_for(schema, components)
        content = operation.get("requestBody", {}).get("content", {})
        self.read_body = orjson.loads if "application/json" in content else bytes.decode
        self.body = next((validator_for(media["schema"], components) for media in content.values()), None)

    def validate(self, path, query, body):
        """Raise where the description knows no such parameter, or forbids a value or the body, given in bytes."""
        for place, values in (("path", path), ("query", query)):
            for name, value in values.items():
                self.parameters[place][name].validate(self.read(name, value))
        if self.body:
            self.body.validate(self.read_body(body))

    def read(self, name, value):
        """Return the value of a parameter as its type, where the text is one of that."""
        if self.types[name] in ("integer", "boolean"):
            with suppress(orjson.JSONDecodeError):
                return orjson.loads(value)
        return value


def validator_for(schema, components):
    return jsonschema_rs.Draft202012Validator(schema | {"components": components}, validate_formats=True)


def assert_described(request, description):
    """Assert that the description allows a request that the service has answered without refusing it.

    The type of a body is not looked at: the service reads other types than the described one as JSON, too.
    """
    case = description.find(request.path, "GET" if request.method == "HEAD" else request.method)
    if case and request.method != "OPTIONS":
        body = request.environ["wsgi.input"]
        body.seek(0)
        described = description.requests[case.operation.path, case.operation.method.upper()]
        # Pages and probes ignore the query.
        query = request.args.to_dict() if case.operation.path.startswith("/api/") else {}
        described.validate(case.path_parameters, query, body.read())
