"""Files for the tests, built from nothing: harmless ones, broken ones and hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from pypdf import PdfWriter

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = f"""<w:styles {W}>
<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Heading2"><w:name w:val="Heading 2"/></w:style></w:styles>"""
BODY = f"""<w:document {W}><w:body>
<w:p><w:r><w:t>Before all </w:t></w:r><w:r><w:t>headings.</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Prices</w:t></w:r></w:p>
<w:p><w:r><w:t>A kilo costs</w:t><w:tab/><w:t>EUR 4.</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>By city</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Lindholt</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>EUR 3.80</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>"""


def docx(body: str = BODY, *, more: Mapping[str, bytes] | None = None) -> bytes:
    """A Word document with this body; `more` adds entries by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body)
        archive.writestr("word/styles.xml", STYLES)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return stream.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF with the lines of ASCII text of each page."""
    return _pdf([_page_stream(text) for text in pages], "")


def pdf_of_stream(packed: bytes) -> bytes:
    """A PDF of one page whose content is this deflated stream."""
    return _pdf([packed], "/Filter/FlateDecode")


def _pdf(contents: list[bytes], filtered: str) -> bytes:
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for index, content in enumerate(contents):
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * index} 0 R>>"
        objects += [page.encode(), f"<</Length {len(content)}{filtered}>>stream\n".encode() + content + b"\nendstream"]
    return _assembled(objects)


def _page_stream(text: str) -> bytes:
    lines = "".join(f"({line}) Tj T* " for line in text.split("\n")) if text else ""
    return f"BT /F1 12 Tf 14 TL 72 770 Td {lines}ET".encode()


def _assembled(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def locked_pdf(password: str) -> bytes:
    """A PDF that opens with `password` only; with an empty one it opens for everybody but is locked against changes."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("A secret sentence.")))
    writer.encrypt(user_password=password, owner_password="owner-only", algorithm="AES-256")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
