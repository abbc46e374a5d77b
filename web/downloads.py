"""A body that is sent in pieces while it is read, so that it takes constant memory."""

import errno
from itertools import chain
from tempfile import TemporaryFile

from flask import Response, request, stream_with_context
from werkzeug.wsgi import wrap_file

from web.logs import log_fault


def answer_in_pieces(pieces, content_type, file_name):
    """Answer with a body that a generator yields in pieces of bytes, as a file to save.

    What the first piece raises becomes a problem. What a later one raises breaks the transfer off, so that one that
    ends is whole. HTTP/1.0 cannot say that, so there the body is written to a temporary file first.
    """
    headers = {"Content-Type": content_type, "Content-Disposition": f'attachment; filename="{file_name}"'}
    if request.method == "HEAD":
        return Response(iter(()), headers=headers)  # of an empty text, the length would be sent as that of the table
    if request.environ["SERVER_PROTOCOL"] == "HTTP/1.0":
        file = TemporaryFile()  # noqa: SIM115 the server closes it with the response
        file.writelines(pieces)
        headers["Content-Length"] = file.tell()
        file.seek(0)
        return Response(wrap_file(request.environ, file), headers=headers, direct_passthrough=True)
    pieces = chain([next(pieces)], pieces)
    return Response(stream_with_context(break_off_visibly(pieces)), headers=headers)


def break_off_visibly(pieces):
    """Yield the pieces. A fault among them is logged, then raised as a lost connection.

    gunicorn closes the connection then, without the last chunk. It would log any other exception with its text, which
    may hold values.
    """
    try:
        yield from pieces
    except Exception as error:
        log_fault(error)
        raise ConnectionResetError(errno.ECONNRESET, "the transfer broke off") from None
