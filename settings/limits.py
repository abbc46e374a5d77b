"""How large a body may be: for gunicorn, which closes the connection where it is larger, and for web/requests.py."""

BODY_BYTES = 64 * 1024
TABLE_BYTES = 1024 * 1024
