"""Addresses that must lead nowhere, in every spelling that has fooled somebody. `PORT` stands for a port that is allowed and listens."""

from __future__ import annotations

import socket

PUBLIC = "93.184.216.34"

NAMES: dict[str, list[str]] = {
    "loop.example": ["127.0.0.1"],
    "loop6.example": ["::1"],
    "ten.example": ["10.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "ula.example": ["fd00:ec2::254"],
    "mixed.example": [PUBLIC, "127.0.0.1"],
    "mixed6.example": [PUBLIC, "::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "shared.example": ["100.64.0.1"],
    "azure.example": ["168.63.129.16"],
    "nothing.example": [],
    "localhost": ["127.0.0.1", "::1"],
    "ip6-localhost": ["::1"],
    "app.localhost": ["127.0.0.1"],
    "localhost.localdomain": ["127.0.0.1"],
    "public.example": [PUBLIC],
}

PUBLIC_FORMS = {"http://public.example#@127.0.0.1:PORT/"}
"""Of the forms below, those that name a public host and only look as if they did not."""

FORMS = (
    # plain
    "http://127.0.0.1:PORT/",
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "http://127.1.2.3:PORT/",
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://app.localhost:PORT/",
    "http://ip6-localhost:PORT/",
    "http://localhost.localdomain:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0.1.2.3/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://198.18.0.1/",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    # other spellings of IPv4
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://0:PORT/",
    "http://0/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.1:PORT/",
    "http://0x7f.0x0.0x0.0x1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.0.0.01:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://127。0。0。1:PORT/",
    "http://127%2e0%2e0%2e1:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    # IPv6
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b:1::127.0.0.1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001:0:7f00:1::1]:PORT/",
    "http://[2600::5efe:127.0.0.1]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fe80::1%25lo]:PORT/",
    "http://[fc00::1]:PORT/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]:PORT/",
    "http://[ff02::1]:PORT/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    # credentials, separators, readers that disagree
    "http://user@127.0.0.1:PORT/",
    "http://public.example@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@public.example/",
    "http://public.example#@127.0.0.1:PORT/",
    "http://public.example:80@127.0.0.1:PORT/",
    "http://public.example\\@127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http://127.0.0.1:PORT\t/",
    "http://127.0.0.1:PORT\n/",
    "http://127.0.0.1:PORT\x00.public.example/",
    " http://127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "http://",
    "",
    # other schemes and ports
    "file:///etc/passwd",
    "ftp://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/",
    "unix:///run/postgresql/.s.PGSQL.5432",
    "data:text/plain,hello",
    "http+unix://%2frun%2fvalkey.sock/",
    "http://public.example:22/",
    "http://public.example:6379/",
    "http://public.example:0/",
    "http://public.example:99999/",
    # names
    "http://loop.example:PORT/",
    "http://loop6.example:PORT/",
    "http://ten.example/",
    "http://metadata.example/",
    "http://ula.example/",
    "http://mixed.example/",
    "http://mixed6.example/",
    "http://mapped.example/",
    "http://nat64.example/",
    "http://shared.example/",
    "http://azure.example/",
    "http://nothing.example/",
)  # fmt: skip


def resolve(host: str, _port: int) -> list[str]:
    """As a resolver would: the names above, and every spelling of a number that libc takes for an IPv4 address."""
    name = host.lower().rstrip(".")
    if name in NAMES:
        return NAMES[name]
    try:
        return [socket.inet_ntoa(socket.inet_aton(name))]
    except OSError:
        raise socket.gaierror(f"no such host: {host}") from None
