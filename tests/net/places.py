"""URLs that must never be fetched, and the names that a hostile DNS server would give such addresses."""

# As text: every spelling of an address that some resolver understands.
LOOPBACK = """
127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 0 0.0.0.0 0.0.0.1 00.00.00.00 2130706433 017700000001 0x7f000001
0x7f.0x0.0x0.0x1 0x7f.1 0177.0.0.1 0177.1 0177.0.0.01 00000177.0.0.1 0x7F000001 127.0x0.0.1 127.000.000.001 0x0 00
[::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:0:127.0.0.1] [::127.0.0.1] [0000::1]
[::ffff:0.0.0.0] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:1::1]
"""
METADATA = """
169.254.169.254 2852039166 0xa9fea9fe 0xA9.0xFE.0xA9.0xFE 0251.0376.0251.0376 025177524776 169.254.43518 169.16689662
[::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe] [2002:a9fe:a9fe::] [::169.254.169.254]
[fd00:ec2::254] [fd20:ce::254] 168.63.129.16 100.100.100.200 192.0.0.192 169.254.170.2 169.254.0.1 [fe80::a9fe:a9fe]
"""
PRIVATE = """
10.0.0.1 10.255.255.255 10.1 167772161 0xa000001 012.0.0.1 172.16.0.1 172.31.255.255 0xac100001 2886729729
192.168.0.1 192.168.1.1 192.168.257 3232235521 0xc0a80001 0300.0250.0.1 100.64.0.1 100.127.255.255
198.18.0.1 198.19.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 198.51.100.7 203.0.113.9 192.88.99.1
240.0.0.1 250.1.2.3 255.255.255.255 0xffffffff 4294967295 224.0.0.1 224.0.0.251 232.1.1.1 239.255.255.250
[::ffff:10.0.0.1] [::ffff:192.168.0.1] [::ffff:172.16.0.1] [::10.0.0.1] [64:ff9b::10.0.0.1] [2002:a00:1::]
[2002:c0a8:1::1] [fc00::1] [fd00::1] [fd12:3456:789a::1] [fe80::1] [febf::1] [fec0::1] [ff02::1] [ff05::2] [ff0e::1]
[100::1] [2001:db8::1] [2001::1] [2001:0:a00:1::] [2001:10::1] [2001:20::1] [3fff::1] [5f00::1] [4000::1] [8000::1]
[::2] [::ffff:8.8.8.8] [64:ff9b::8.8.8.8] [2002:808:808::1] [2001:2::1] [1::1] [200::1]
"""
NAMES = {
    "localhost": ["127.0.0.1"],
    "localhost.localdomain": ["127.0.0.1", "::1"],
    "LOCALHOST": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "instance-data": ["169.254.169.254"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "host.docker.internal": ["192.168.65.2"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "10.0.0.1"],
    "mixed6.example": ["2606:2800:220:1::1", "::1"],
    "mixed-last.example": ["1.1.1.1", "8.8.8.8", "9.9.9.9", "169.254.169.254"],
    "scoped.example": ["fe80::1%2"],
    "scoped-public.example": ["2606:2800:220:1::1%2"],
    "junk.example": ["not-an-address"],
    "empty.example": [""],
    "xn--lclhost-dxa.example": ["127.0.0.1"],
    "under_score.example": ["10.0.0.1"],
    "ipv6-only.example": ["fd00::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
}
# Refused by what they are, wherever they lead.
URLS = [
    "",
    "x",
    "//clip.example/x",
    "/etc/passwd",
    "file:///etc/passwd",
    "file://clip.example/x",
    "ftp://clip.example/x",
    "gopher://clip.example:70/_x",
    "dict://clip.example:11211/stats",
    "data:video/mp4;base64,AAAA",
    "javascript:alert(1)",
    "ws://clip.example/",
    "wss://clip.example/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/x",
    "jar:https://clip.example!/x",
    "http://clip.example/x",
    "http://clip.example:443/x",
    "HTTP://CLIP.EXAMPLE/x",
    "https://clip.example:80/x",
    "https://clip.example:8443/x",
    "https://clip.example:22/x",
    "https://clip.example:6379/x",
    "https://clip.example:0/x",
    "https://clip.example:65536/x",
    "https://clip.example:-1/x",
    "https://clip.example:4 43/x",
    "https://clip.example:x/x",
    "https://user@clip.example/x",
    "https://user:secret@clip.example/x",
    "https://clip.example@127.0.0.1/x",
    "https://:@clip.example/x",
    "https://",
    "https:///x",
    "https:clip.example",
    "https:/clip.example/x",
    "https://?x",
    "https://#x",
    "https://[",
    "https://[]/x",
    "https://[::1/x",
    "https://[clip.example]/x",
    "https://[::1%25lo]/x",
    "https://[fe80::1%25eth0]/x",
    "https://clip.example\\@127.0.0.1/x",
    "https:\\\\clip.example\\x",
    "https://clip.example\r\nHost: 127.0.0.1/x",
    "https://clip.example/x\r\nX: y",
    "https://clip.example/\0",
    "https://clip.example/\tx",
    " https://clip.example/x",
    "https://clip.example/x ",
    "https://clip.example/a b",
    "https://clip.example/\x7f",
    "https://clip.example/" + "a" * 8_192,
    "https://①②⑦.⓪.⓪.①/x",
    "https://ｌｏｃａｌｈｏｓｔ/x",
    "https://127。0。0。1/x",
    "https://\u200bclip.example/x",
    "https://xn--/x",
    "https://%31%32%37.0.0.1/x",
]


def addresses() -> list[str]:
    return f"{LOOPBACK} {METADATA} {PRIVATE}".split()


def forbidden() -> list[str]:
    """Every one of them as a URL."""
    hosts = [*addresses(), *NAMES]
    return [f"https://{host}/x" for host in hosts] + [f"https://{host}:443/x.mp4?a=b#c" for host in hosts] + URLS
