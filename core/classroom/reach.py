"""At which address other machines of the classroom find this server."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

EVERYWHERE = ("", "0.0.0.0", "::")
HOW = (
    "This server listens on this machine alone, so no other device can open the link. Stop it and start it with "
    "`make run HOST=0.0.0.0` (or `precedence run --host 0.0.0.0`)."
)
_SEEN_FROM = ("10.255.255.255", "192.0.2.1")  # no packet is sent: the system only says which way it would take
_OF_THIS_MACHINE = ("docker", "br-", "veth", "virbr", "lo", "vmnet", "utun", "tun")


@dataclass(frozen=True)
class Reach:
    """`origin`, e.g. http://192.168.1.20:8501; `problem`: a sentence where others cannot come there."""

    origin: str
    problem: str = ""
    others: tuple[str, ...] = ()  # further addresses of this machine


def reach(listens: str, port: int, browser: str) -> Reach:
    """`listens`: the host the server was told to listen at; `browser`: the address the teacher's browser shows.

    A browser that came by a name or number of its own shows the way: others take the same.
    """
    seen = urlsplit(browser)
    if seen.hostname and not is_this_machine(seen.hostname):
        return Reach(f"{seen.scheme}://{seen.netloc}")
    here = f"{seen.scheme}://{seen.netloc}" if seen.netloc else f"http://localhost:{port}"
    if is_this_machine(listens):
        return Reach(here, HOW)
    numbers = own_numbers() if listens in EVERYWHERE else [listens]
    if not numbers:
        return Reach(here, "This machine has no network, so no other device can open the link; connect it first.")
    origins = [f"http://{f'[{number}]' if ':' in number else number}:{port}" for number in numbers]
    return Reach(origins[0], "", tuple(origins[1:]))


def is_this_machine(host: str) -> bool:
    """Whether the name or number leads to the very machine that asks."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def own_numbers() -> list[str]:
    """IPv4 numbers of this machine, the one on the way to the network first; none that only this machine sees."""
    found = [number for target in _SEEN_FROM if (number := _towards(target))]
    for name, addresses in psutil.net_if_addrs().items():
        if not name.startswith(_OF_THIS_MACHINE):
            found += [each.address for each in addresses if each.family == socket.AF_INET]
    return [number for number in dict.fromkeys(found) if _can_be_reached(number)]


def _towards(target: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((target, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _can_be_reached(number: str) -> bool:
    address = ipaddress.ip_address(number)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)
