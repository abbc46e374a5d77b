"""A relay in front of Postgres, or of its pooler, which counts the round trips on the wire."""

import asyncio
import threading
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

READY_FOR_QUERY = b"Z\0\0\0\5"  # and one byte more: the server has answered all that a client waits for


class Relay:
    """Passes bytes on while it is entered; `url` leads through it to the database.

    `trips` is how often a client has spoken and the server has answered to the end, since the relay began or the last
    `forget()`.
    """

    def __init__(self, server_url):
        given = conninfo_to_dict(server_url)
        self.host, self.server_port = given["host"], int(given.get("port", 5432))
        self.server_url, self.url, self.trips = server_url, None, 0
        self.loop, self.started = asyncio.new_event_loop(), threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        assert self.started.wait(30)
        return self

    def __exit__(self, *_error):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def forget(self):
        """Count the round trips anew."""
        self.trips = 0

    def serve(self):
        server = self.loop.run_until_complete(asyncio.start_server(self.pass_on, "127.0.0.1", 0))
        port = server.sockets[0].getsockname()[1]
        parts = urlsplit(self.server_url)
        who = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(netloc=f"{who}@127.0.0.1:{port}", query="").geturl()
        self.started.set()
        self.loop.run_forever()
        server.close()
        ending = asyncio.all_tasks(self.loop)
        for task in ending:
            task.cancel()
        if ending:  # else gather() would look for the loop of this thread, which has none
            self.loop.run_until_complete(asyncio.gather(*ending, return_exceptions=True))

    async def pass_on(self, from_client, to_client):
        """Pass on what one client and the server say."""
        if self.host.startswith("/"):
            from_server, to_server = await asyncio.open_unix_connection(f"{self.host}/.s.PGSQL.{self.server_port}")
        else:
            from_server, to_server = await asyncio.open_connection(self.host, self.server_port)

        async def one_way(reader, writer, is_client):
            while data := await reader.read(65536):
                self.trips += not is_client and data[-6:-1] == READY_FOR_QUERY
                writer.write(data)
            writer.close()

        try:
            await asyncio.gather(one_way(from_client, to_server, True), one_way(from_server, to_client, False))
        finally:
            for writer in (to_client, to_server):
                writer.transport.abort()
