"""What no address may lead to, spelled in every way; near misses; the names that lead there."""

from __future__ import annotations

from scraper.model import Outcome

OK, BLOCKED, INVALID = Outcome.OK, Outcome.BLOCKED_ADDRESS, Outcome.INVALID_URL
NO_NAME = (
    Outcome.ROBOTS_UNREACHABLE
)  # nothing to dial: the robots.txt that comes first is not there

NAMES = {  # what the resolver says
    "site.test": ["127.0.5.1"],
    "loopback.test": ["127.0.0.1"],
    "a_b.test": ["127.0.0.1"],
    "127.0.0.1.test": ["127.0.0.1"],
    "xn--lch-sna.test": ["127.0.0.1"],
    "localhost": ["127.0.0.1", "::1"],
    "www.localhost": ["127.0.0.1"],
    "loopback6.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "mapped-public.test": ["::ffff:8.8.8.8"],
    "zone.test": ["fe80::1%1"],
    "loopback-zone.test": ["::1%1"],
    "several.test": ["10.0.0.1", "::1", "169.254.169.254", "127.0.0.1"],
    "nat64.test": ["64:ff9b::127.0.0.1"],
    "metadata": ["169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
    "instance-data.ec2.internal": ["169.254.169.254"],
    "metadata.tencentyun.com": ["169.254.0.23"],
    "api.metadata.cloud.ibm.com": ["169.254.169.254"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "host.docker.internal": ["192.168.65.2"],
    "router.home.arpa": ["192.168.1.1"],
    "public.test": ["93.184.216.34"],
    "public6.test": ["2606:2800:21f::1"],
    "both.test": ["10.0.0.1", "93.184.216.34"],
    "xn--bcher-kva.test": ["93.184.216.34"],
}

RANGES = """
0.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.4.255 127.0.6.0 127.255.255.255 169.254.0.1
172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.0 198.19.255.255 198.51.100.1 203.0.113.255
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::2 100::1 100:0:0:1::1 400::1 1fff::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
3fff::1 4000::1 5f00::1 fc00::1 fd00::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1
""".split()  # one or two of each special-purpose range, IPv4 then IPv6
WRAPPED = """
::127.0.0.1 ::10.0.0.1 ::169.254.169.254 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:192.168.1.1 ::ffff:0.0.0.0 ::ffff:7f00:1 0:0:0:0:0:ffff:127.0.0.1 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::127.0.0.1 64:ff9b:1:a00:1::
2001::7f00:1 2001:0:7f00:1::1 2001:0:0:0:0:0:80ff:fffe 2001:0:a9fe:a9fe::
2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe::1 2002:c0a8:101::1
""".split()  # compatible, mapped, translated, NAT64, Teredo, 6to4
METADATA = """
169.254.169.254 169.254.170.2 169.254.170.23 169.254.169.253 169.254.169.123 169.254.42.42
169.254.0.23 169.254.10.10 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd00:ec2::23
fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42 fe80::a9fe:a9fe fd00:a9fe:a9fe::1
""".split()  # those of the large clouds, for machines, containers, clocks and names

SPELLINGS = {
    "name": ("http://loopback.test:{p}/", BLOCKED),
    "name in upper case": ("HTTP://LOOPBACK.TEST:{p}/", BLOCKED),
    "name with a dot at the end": ("http://loopback.test.:{p}/", BLOCKED),
    "name with an underscore": ("http://a_b.test:{p}/", BLOCKED),
    "name that begins with an address": ("http://127.0.0.1.test:{p}/", BLOCKED),
    "name outside ASCII": ("http://löch.test:{p}/", BLOCKED),
    "name of full width": ("http://ｌｏｏｐｂａｃｋ.test:{p}/", BLOCKED),
    "name with a soft hyphen": ("http://loop\u00adback.test:{p}/", BLOCKED),
    "name with a space of no width": ("http://loop\u200bback.test:{p}/", BLOCKED),
    "localhost": ("http://localhost:{p}/", BLOCKED),
    "localhost with a dot": ("http://localhost.:{p}/", BLOCKED),
    "localhost in circles": ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/", BLOCKED),
    "below localhost": ("http://www.localhost:{p}/", BLOCKED),
    "https": ("https://loopback.test:{p}/", BLOCKED),
    "name for ::1": ("http://loopback6.test:{p}/", BLOCKED),
    "name for a mapped address": ("http://mapped.test:{p}/", BLOCKED),
    "name for a mapped public address": ("http://mapped-public.test/", BLOCKED),
    "name for an address with a zone": ("http://zone.test/", BLOCKED),
    "name for loopback with a zone": ("http://loopback-zone.test:{p}/", BLOCKED),
    "name for several": ("http://several.test:{p}/", BLOCKED),
    "name for NAT64": ("http://nat64.test:{p}/", BLOCKED),
    "metadata": ("http://metadata/computeMetadata/v1/", BLOCKED),
    "metadata, a machine": ("http://metadata.google.internal/computeMetadata/v1/", BLOCKED),
    "metadata, another": ("http://instance-data.ec2.internal/latest/meta-data/", BLOCKED),
    "metadata, a third": ("http://metadata.tencentyun.com/latest/", BLOCKED),
    "metadata, a fourth": ("http://api.metadata.cloud.ibm.com/", BLOCKED),
    "cluster": ("https://kubernetes.default.svc/", BLOCKED),
    "container's host": ("http://host.docker.internal:8080/", BLOCKED),
    "router": ("http://router.home.arpa/", BLOCKED),
    "no such name": ("http://nothing.test:{p}/", NO_NAME),
    "dotted": ("http://127.0.0.1:{p}/", BLOCKED),
    "dotted, with a dot at the end": ("http://127.0.0.1.:{p}/", BLOCKED),
    "three parts": ("http://127.0.1:{p}/", BLOCKED),
    "two parts": ("http://127.1:{p}/", BLOCKED),
    "decimal": ("http://2130706433:{p}/", BLOCKED),
    "decimal, too large": ("http://6425673729:{p}/", NO_NAME),
    "hexadecimal": ("http://0x7f000001:{p}/", BLOCKED),
    "hexadecimal in upper case": ("http://0X7F.0X1:{p}/", BLOCKED),
    "octal": ("http://017700000001:{p}/", BLOCKED),
    "octal parts": ("http://0177.0.0.01:{p}/", INVALID),
    "octal with many zeros": ("http://00000000177.0.0.1:{p}/", INVALID),
    "mixed": ("http://0x7f.0.1:{p}/", BLOCKED),
    "too large a part": ("http://127.0.0.257:{p}/", INVALID),
    "zero": ("http://0:{p}/", BLOCKED),
    "metadata in decimal": ("http://2852039166/latest/meta-data/", BLOCKED),
    "metadata in octal": ("http://0251.0376.0251.0376/", INVALID),
    "metadata in hexadecimal": ("http://0xa9.0xfe.0xa9.0xfe/", BLOCKED),
    "metadata in two parts": ("http://169.16689662/", BLOCKED),
    "digits in circles": ("http://①②⑦.⓪.⓪.①:{p}/", BLOCKED),
    "digits of full width": ("http://１２７.０.０.１:{p}/", BLOCKED),
    "digits of mathematics": ("http://𝟭𝟮𝟳.𝟬.𝟬.𝟭:{p}/", BLOCKED),
    "Arabic digits": ("http://١٢٧.٠.٠.١:{p}/", INVALID),
    "full stops of China": ("http://127。0。0。1:{p}/", BLOCKED),
    "full stops of full width": ("http://127．0．0．1:{p}/", BLOCKED),
    "half-width full stops": ("http://127｡0｡0｡1:{p}/", BLOCKED),
    "fraction slash": ("http://site.test\u2215.loopback.test:{p}/", INVALID),
    "account of": ("http://site.test\u2100.loopback.test:{p}/", INVALID),
    "escaped dots": ("http://127%2e0%2e0%2e1:{p}/", INVALID),
    "escaped digits": ("http://%31%32%37.0.0.1:{p}/", INVALID),
    "escaped slash": ("http://site.test%2f@127.0.0.1:{p}/", INVALID),
    "escaped twice": ("http://127%252e0.0.1:{p}/", INVALID),
    "escaped NUL": ("http://127.0.0.1%00.test:{p}/", INVALID),
    "space": ("http://127.0.0.1 .test:{p}/", INVALID),
    "user": ("http://site.test@127.0.0.1:{p}/", INVALID),
    "user and password": ("http://site.test:80@127.0.0.1:{p}/", INVALID),
    "two users": ("http://a@site.test@127.0.0.1:{p}/", INVALID),
    "empty user": ("http://@127.0.0.1:{p}/", INVALID),
    "backslash": ("http://site.test\\@127.0.0.1:{p}/", INVALID),
    "backslash behind": ("http://127.0.0.1:{p}\\@site.test/", INVALID),
    "IPv6": ("http://[::1]:{p}/", BLOCKED),
    "IPv6 in full": ("http://[0000:0000:0000:0000:0000:0000:0000:0001]:{p}/", BLOCKED),
    "IPv6, mapped": ("http://[::ffff:127.0.0.1]:{p}/", BLOCKED),
    "IPv6, mapped, in upper case": ("http://[::FFFF:7F00:1]:{p}/", BLOCKED),
    "IPv6 with a zone": ("http://[fe80::1%25eth0]:{p}/", INVALID),
    "IPv6 with a zone unescaped": ("http://[::1%lo]:{p}/", INVALID),
    "IPv6 without brackets": ("http://::1:{p}/", INVALID),
    "IPv6 of the future": ("http://[v1.::1]:{p}/", INVALID),
    "IPv6 in an open bracket": ("http://[::1:{p}/", INVALID),
    "IPv6 and more": ("http://[::1].site.test:{p}/", INVALID),
    "IPv4 in brackets": ("http://[127.0.0.1]:{p}/", INVALID),
    "nine parts of IPv6": ("http://[0:0:0:0:0:0:0:0:1]:{p}/", INVALID),
    "site's network in IPv6": ("http://[::ffff:127.0.5.1]:{p}/", BLOCKED),
    "mail": ("http://public.test:25/", BLOCKED),
    "shell": ("http://93.184.216.34:22/", BLOCKED),
    "database": ("http://public.test:6379/", BLOCKED),
    "port of all": ("http://public.test:0/", INVALID),
    "port below": ("http://public.test:-80/", INVALID),
    "port above": ("http://public.test:65616/", INVALID),
    "port with a sign": ("http://public.test:+80/", INVALID),
    "port of full width": ("http://public.test:８０/", INVALID),
    "port of letters": ("http://public.test:http/", INVALID),
    "two ports": ("http://public.test:80:{p}/", INVALID),
    "port of another base": ("http://public.test:0x50/", INVALID),
    "ftp": ("ftp://127.0.0.1:{p}/", INVALID),
    "file": ("file:///etc/passwd", INVALID),
    "file of a host": ("file://127.0.0.1/etc/passwd", INVALID),
    "gopher": ("gopher://127.0.0.1:{p}/_GET%20/", INVALID),
    "dict": ("dict://127.0.0.1:{p}/d", INVALID),
    "ws": ("ws://127.0.0.1:{p}/", INVALID),
    "ldap": ("ldap://127.0.0.1:{p}/", INVALID),
    "unix": ("http+unix://127.0.0.1:{p}/", INVALID),
    "javascript": ("javascript:fetch('http://127.0.0.1:{p}/')", INVALID),
    "data": ("data:text/html,<p>x", INVALID),
    "jar": ("jar:http://127.0.0.1:{p}/!/x", INVALID),
    "view-source": ("view-source:http://127.0.0.1:{p}/", INVALID),
}
REACHED = {
    "public": ("http://1.1.1.1/", OK),
    "beside private": ("http://172.32.0.1/", OK),
    "beside CGNAT": ("http://100.63.255.255:8080/", OK),
    "beside loopback": ("http://128.0.0.1:8443/", OK),
    "beside link-local": ("http://169.253.255.255/", OK),
    "beside multicast": ("http://223.255.255.255/", OK),
    "beside the cloud's": ("http://168.63.129.17/", OK),
    "public in decimal": ("http://134744072/", OK),
    "public in hexadecimal": ("http://0x08.0x08.0x08.0x08:80/", OK),
    "public in circles": ("http://⑧.⑧.⑧.⑧/", OK),
    "public name with a dot at the end": ("http://public.test./", OK),
    "name with a full stop of China": ("http://public。test/", OK),
    "public IPv6": ("http://[2606:4700:4700::1111]/", OK),
    "IPv6 beside Teredo": ("http://[2001:200::1]:443/", OK),
    "IPv6 beside 6to4": ("http://[2003::1]/", OK),
    "public name": ("http://public.test:443/", OK),
    "public name in upper case": ("HTTP://PUBLIC.Test/", OK),
    "name with an empty port": ("http://public.test:/", OK),
    "name with a long port": ("http://public.test:00080/", OK),
    "public name outside ASCII": ("http://bücher.test/", OK),
    "name for IPv6": ("http://public6.test/", OK),
    "name for both": ("http://both.test/", OK),
    "address in the query": ("http://public.test/?http://127.0.0.1/", OK),
    "user in the path": ("http://public.test/@127.0.0.1", OK),
    "user in the query": ("http://public.test?@127.0.0.1/", OK),
    "user in the fragment": ("http://public.test#@127.0.0.1/", OK),
}


def spelled(address: str) -> str:
    return f"http://[{address}]/" if ":" in address else f"http://{address}/"


REFUSED = {
    **{address: (spelled(address), BLOCKED) for address in RANGES + WRAPPED + METADATA},
    **SPELLINGS,
}
