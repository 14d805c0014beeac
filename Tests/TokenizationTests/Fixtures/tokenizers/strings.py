"""Strings that tokenizers disagree on: what the fixtures freeze and compare.py sends through both."""
import random
import unicodedata

WORDS = ("the of and to in model key value attention norm cache head layer token Hello World "
         "don't we'll I'M they'RE you've he'd it's 'S ’tis rock'n'roll O'Neil naïve café Straße "
         "привет мир Ελληνικά שלום مرحبا नमस्ते สวัสดี 你好世界 日本語テキスト ひらがな カタカナ 한국어 "
         "ｆｕｌｌ ﬁne ǅungla İstanbul ẞ ŉ ʰx ªº ⅷ Ⅻ ² ½ ٣٤ १२ 〇 漢字1234 x86_64 HTTPServer "
         "camelCase snake_case 3.14159 1234567 1,000,000 2e-10 0x1F https://example.org/a?b=c&d "
         "user@example.com #tag <b>bold</b> {json: [1, 2]} \\n \\u0041 C++ f(x)=y --- ... !!! ?? "
         "«quoted» “curly” ‘s ‘t — – … ¿qué? ¡hola! € £ ¥ ₿ ± × ÷ ∑ ∫ √ → ⇒ ☃ ♥ ★ 🙂 👍🏽 👨‍👩‍👧‍👦 🇫🇷 "
         "e\u0301 a\u0308\u0323 o\u0302\u0301 \u0301x A\u030a \u1100\u1161\u11a8 \u0915\u093c ﷺ ﬀ "
         "\u212b \u2126 \u0958 \u2f00 \uf900 \u0344 \U0001d15e \U0001e900 \U00010400 \U00011dE5 "
         "'ſ 'ſx 'LL 'll 've 'Re 'D 'm 'M 't'T s'd 1's /path/to /\n //comment").split(" ")
SPACES = [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\t", " \n", "\n ", " \n ", "\u00a0",
          "\u2003", "\u3000", "\u200b", "\u0085", "\v", "\f", "\u2028", " \t \n\t", "        ", ""]
ODD = ["\0", "\x01", "\x1b[0m", "\x7f", "\ufffd", "\ufeff", "\u200d", "\u200e", "\u202e", "\ue000",
       "\U000e0041", "\U0010ffff", "\ufffe", "\u0378", "\u00ad", "\u2060"]
LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLOCKS = [(0x20, 0x7f), (0xa0, 0x250), (0x250, 0x370), (0x370, 0x600), (0x600, 0x900),
          (0x900, 0x1200), (0x1200, 0x2000), (0x2000, 0x2c00), (0x2c00, 0x3100), (0x3100, 0xa000),
          (0xa000, 0xd7a4), (0xf900, 0x10000), (0x10000, 0x12000), (0x16000, 0x18000),
          (0x1b000, 0x1c000), (0x1d000, 0x20000), (0x20000, 0x20100), (0xe0000, 0xe0200)]


def one(rng, added):
    """One string of up to a few dozen parts."""
    kind = rng.random()
    parts = []
    for _ in range(rng.choice([1, 2, 3, 5, 8, 13, 30])):
        draw = rng.random()
        if draw < 0.42:
            parts.append(rng.choice(WORDS))
        elif draw < 0.66:
            parts.append(rng.choice(SPACES))
        elif draw < 0.72:
            parts.append(rng.choice(ODD))
        elif draw < 0.80:
            parts.append("".join(rng.choice("0123456789") for _ in range(rng.randint(1, 8))))
        elif draw < 0.86:
            parts.append("".join(rng.choice(LATIN) for _ in range(rng.randint(1, 12))))
        elif draw < 0.91:
            parts.append("".join(rng.choice("'\"!?.,;:-_/\\()[]{}<>@#$%^&*+=|`~")
                                 for _ in range(rng.randint(1, 5))))
        elif draw < 0.95 and added:
            token = rng.choice(added)
            parts.append(token if rng.random() < 0.8 else token[:rng.randint(0, len(token))])
        else:
            low, high = rng.choice(BLOCKS)
            parts.append("".join(chr(rng.randrange(low, high)) for _ in range(rng.randint(1, 6))))
    joint = " " if kind < 0.4 else ""
    text = joint.join(parts)
    if kind > 0.97:
        text = bytes(rng.randrange(256) for _ in range(rng.randint(1, 60))).decode("utf-8", "replace")
    if kind < 0.02:
        text = rng.choice(["a", "ab", " ", "0", "-", "the ", "\n", "你"]) * rng.randint(10, 400)
    return text


def strings(count, seed, added=(), plain=True):
    rng = random.Random(seed)
    out = [] if not plain else ["", " ", "  ", "\n", "'", "'s", "''s", " 's", "a", "\u0301"]
    while len(out) < count:
        out.append(one(rng, list(added)))
    return out[:count]


def prose(size, seed):
    """Plain text to train small vocabularies on: words by a Zipf-like law, in several scripts."""
    rng = random.Random(seed)
    stems = [w for w in WORDS if w.isalpha()]
    stems += ["".join(rng.choice(a) + rng.choice("aeiou") for a in
                      [rng.choice(["bcdfg", "hjklm", "nprst", "vwz"])] * rng.randint(1, 4))
              for _ in range(3000)]
    weights = [1 / (i + 2) for i in range(len(stems))]
    out, length = [], 0
    while length < size:
        line = " ".join(rng.choices(stems, weights, k=rng.randint(4, 20)))
        if rng.random() < 0.5:
            line = line.capitalize() + rng.choice([".", "!", "?", "...", ":"])
        if rng.random() < 0.3:
            line += " " + str(rng.randrange(10 ** rng.randint(1, 9)))
        if rng.random() < 0.2:
            line = "    " * rng.randint(1, 3) + line
        if rng.random() < 0.2:
            line += " " + rng.choice(WORDS) + rng.choice(SPACES) + rng.choice(WORDS)
        out.append(unicodedata.normalize("NFC", line))
        length += len(line) + 1
    return "\n".join(out)
