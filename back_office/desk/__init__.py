"""The desk: what waits for officers, on one plain page and on the command line.

- `queues` reads, `acts` does what an officer decides, `officers` knows who may sign in; the page and the command line use the same three.
- `pages.desk_app(installation)` is the page, an ASGI application to mount or to serve alone (`guichet desk serve`).
"""
