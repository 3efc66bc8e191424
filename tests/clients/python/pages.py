"""A browser on the login pages: cookies and forms, no scripts."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append((attributes["action"], {}))
        elif tag == "input" and attributes.get("type") == "hidden":
            self.forms[-1][1][attributes["name"]] = attributes["value"]


class Browser:
    """One browser."""

    def __init__(self):
        self.session = requests.Session()

    def open(self, url):
        """Follows an address until a page is shown, or the address of an application is reached."""
        return self._follow(self.session.get(url, allow_redirects=False, timeout=10))

    def send(self, page, **fields):
        """Sends the first form of a page, as a browser does: it says which origin the page is of."""
        reader = _Forms()
        reader.feed(page.text)
        action, hidden = reader.forms[0]
        parts = urlsplit(page.url)
        reply = self.session.post(
            urljoin(page.url, action),
            data={**hidden, **fields},
            headers={"Origin": f"{parts.scheme}://{parts.netloc}"},
            allow_redirects=False,
            timeout=10,
        )
        return self._follow(reply)

    def _follow(self, reply):
        while reply.is_redirect:
            target = urljoin(reply.url, reply.headers["Location"])
            if urlsplit(target).netloc != urlsplit(reply.url).netloc:
                reply.left_for = target
                return reply
            reply = self.session.get(target, allow_redirects=False, timeout=10)
        return reply
