"""Prints the hash of what Python makes of ill-formed UTF-8, for UnicodeTests.swift.

Of every sequence of up to four of these bytes, shorter ones before those they begin: FNV-1a over the
bytes of the text and 0x100 behind it.
"""
BYTES = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
         0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
state = 0xCBF29CE484222325


def add(value):
    global state
    state = ((state ^ value) * 0x100000001B3) & ((1 << 64) - 1)


def visit(sequence):
    if sequence:
        for byte in sequence.decode("utf-8", errors="replace").encode():
            add(byte)
        add(0x100)
    if len(sequence) < 4:
        for byte in BYTES:
            visit(sequence + bytes([byte]))


visit(b"")
print(hex(state))
