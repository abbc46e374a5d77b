"""Every answer that a test receives is held to the API description, and so is every request that is not refused."""

import gzip
import re
from contextlib import suppress
from functools import lru_cache

import jsonschema_rs
import orjson
from flask.testing import FlaskClient

from tests.support.secrecy import assert_kept, overheard, secrets_of
from web.middleware import BASE


class ConformingClient(FlaskClient):
    """A client that fails the test if the description forbids an answer, or if a problem or the log holds a secret."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.secrets = set()

    def open(self, *args, buffered=True, **kwargs):
        overheard.lines = []
        response = super().open(*args, buffered=buffered, **kwargs)  # buffered: the files of the page are closed
        if response.request.method != "OPTIONS":
            assert_conforms(response, Description.of(self.application))
        problem = [response.text] if response.status_code >= 400 else []
        self.secrets |= secrets_of(kwargs.get("json"), kwargs.get("headers"))
        assert_kept(self.secrets, *problem, *overheard.lines)
        return response


class Description:
    """An API description, as JSON; its validators are built once for all apps that have it."""

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
        components = document["components"]
        self.problem = validator_for(components["schemas"]["Problem"], components)
        self.paths = [
            (pattern_of(path), {name.upper(): Operation(item[name], components) for name in item if name != "servers"})
            for path, item in document["paths"].items()
        ]

    def find(self, path, method):
        """Return the operation of a request, and the parameters in its path; None for both if it is not described."""
        if path.startswith(BASE + "/api/v1/"):
            path = path.removeprefix(BASE)
        for pattern, operations in self.paths:
            match = pattern.fullmatch(path)
            if match and method in operations:
                return operations[method], match.groupdict()
        return None, None


def pattern_of(path):
    """Return the pattern of a described path: a parameter has no slash, unless it is the name of a file."""
    pattern = path.replace("{name}", "(?P<name>.+)")
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


def assert_conforms(response, description):
    """Assert that the description allows this answer to its request, and the request if it is not refused.

    What it does not describe is a problem, or leads from a page with a slash at its end to the page.
    """
    request = response.request
    operation, parameters = description.find(request.path, "GET" if request.method == "HEAD" else request.method)
    if operation:
        status = str(response.status_code) if response.status_code < 400 else "default"
        assert status in operation.answers, f"no {status} is described: {response.text}"
        operation.answers[status].validate(response)
        if response.status_code < 400:
            operation.validate(request, parameters)
    elif response.status_code == 308:
        assert response.headers["Location"] == f"..{request.path[:-1]}"
    else:
        assert response.status_code in (404, 405), f"{request.method} {request.path} is not in the API description"
        assert response.content_type == "application/problem+json"
        if request.method != "HEAD":
            description.problem.validate(response.json)


class Operation:
    """What the description says of an operation: its parameters, its body, and its answers."""

    def __init__(self, operation, components):
        self.parameters = {
            (parameter["in"], parameter["name"]): (parameter["schema"], validator_for(parameter["schema"], components))
            for parameter in operation["parameters"]
        }
        content = operation.get("requestBody", {}).get("content", {})
        self.read_body = orjson.loads if "application/json" in content else bytes.decode
        self.body = next((validator_for(media["schema"], components) for media in content.values()), None)
        self.answers = {status: Answer(answer, components) for status, answer in operation["responses"].items()}

    def validate(self, request, in_path):
        """Raise where the description knows no such parameter, or forbids a value or the body.

        Any text is a header of ours. The type of a body is not looked at: the service reads other types than the
        described one as JSON, too. Pages and probes ignore the query.
        """
        query = request.args if "/api/" in request.path else {}
        for place, values in (("path", in_path), ("query", query)):
            for name, value in values.items():
                schema, validator = self.parameters[place, name]
                validator.validate(read(schema, value))
        if self.body:
            request.environ["wsgi.input"].seek(0)
            self.body.validate(self.read_body(request.environ["wsgi.input"].read()))


class Answer:
    """What the description says of an answer: its body, by the type of that."""

    def __init__(self, answer, components):
        self.bodies = {
            kind: validator_for(media["schema"], components) for kind, media in answer.get("content", {}).items()
        }

    def validate(self, response):
        """Raise where the description forbids the type or the body of the answer."""
        if self.bodies:
            assert response.mimetype in self.bodies, f"no {response.mimetype} is described"
            body = self.bodies[response.mimetype]
            if response.request.method != "HEAD":
                data = gzip.decompress(response.data) if response.content_encoding == "gzip" else response.data
                body.validate(orjson.loads(data) if response.is_json else data.decode("latin-1"))


def read(schema, text):
    """Return the value that a text has by its schema, if it is one of that type."""
    if schema.get("type") in ("integer", "boolean"):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(text)
    return text


def validator_for(schema, components):
    return validator_of(orjson.dumps(schema | {"components": components}))


@lru_cache(None)
def validator_of(document):
    """Return the validator of a schema, as JSON; many answers have the same, and each takes 400 KiB."""
    return jsonschema_rs.Draft202012Validator(orjson.loads(document), validate_formats=True)
