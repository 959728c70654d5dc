# SPDX-License-Identifier: Apache-2.0
"""A small DER tree for tests: read, change anywhere, write again, correct or not."""


class Node:
    """One element: children where it is constructed or wraps DER, else contents."""

    def __init__(self, tag, contents=b"", children=None, prefix=b""):
        self.tag = tag
        self.contents = contents
        self.children = children
        self.prefix = prefix  # what stands before the wrapped DER: a BIT STRING's count
        self.long_length = False  # to be written with a longer length than needed

    def encode(self):
        contents = self.contents
        if self.children is not None:
            contents = self.prefix + b"".join(child.encode() for child in self.children)
        return bytes([self.tag]) + encode_length(len(contents), self.long_length) + contents

    def copy(self):
        children = None if self.children is None else [child.copy() for child in self.children]
        node = Node(self.tag, self.contents, children, self.prefix)
        node.long_length = self.long_length
        return node

    def walk(self):
        """(parent, index) of every element below."""
        for index, child in enumerate(self.children or []):
            yield self, index
            yield from child.walk()


def encode_length(length, longer=False):
    if length < 0x80 and not longer:
        return bytes([length])
    octets = length.to_bytes(max(1, (length.bit_length() + 7) // 8), "big")
    if longer and length >= 0x80:
        octets = b"\0" + octets
    return bytes([0x80 | len(octets)]) + octets


def read_element(data, at):
    """(tag, contents, offset behind)"""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[at:at + count], "big")
        at += count
    if at + length > len(data):
        raise ValueError("truncated")
    return tag, data[at:at + length], at + length


def parse_all(data):
    """The elements that data is made of."""
    nodes, at = [], 0
    while at < len(data):
        tag, contents, at = read_element(data, at)
        nodes.append(parse_contents(tag, contents))
    return nodes


def parse_contents(tag, contents):
    if tag & 0x20:
        return Node(tag, children=parse_all(contents))
    return Node(tag, contents)


def unwrap_extensions(extensions):
    """Opens the OCTET STRINGs of a list of extensions, where they hold DER."""
    for extension in extensions.children:
        value = extension.children[-1]
        try:
            if value.tag == 0x04 and value.contents:
                value.children = parse_all(value.contents)
        except (ValueError, IndexError):
            value.children = None


class Certificate:
    """Certificate ::= SEQUENCE { tbs, algorithm, signature }, with its parts at hand."""

    def __init__(self, data):
        self.root = parse_all(data)[0]
        self.tbs = self.root.children[0]
        first = 1 if self.tbs.children[0].tag == 0xA0 else 0
        (self.serial, self.algorithm, self.issuer, self.validity, self.subject,
         self.spki) = range(first, first + 6)
        for child in self.tbs.children[self.spki + 1:]:
            if child.tag == 0xA3:
                unwrap_extensions(child.children[0])

    def part(self, index):
        return self.tbs.children[index]

    def extensions(self):
        for child in self.tbs.children[self.spki + 1:]:
            if child.tag == 0xA3 and child.children:
                return child.children[0]
        return None

    def extension(self, oid):
        """The extension with this identifier (hexadecimal), or None."""
        for extension in (self.extensions() or Node(0, children=[])).children:
            if extension.children and extension.children[0].contents.hex() == oid:
                return extension
        return None
