// Files in one ZIP, stored as they are (PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16).

const CRC_TABLE = range(256).map((byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
// Numbers as little-endian bytes, each [value, size].
function little(fields) {
  return Uint8Array.from(
    fields.flatMap(([value, size]) => range(size).map((at) => (value >>> (8 * at)) & 255)),
  );
}
// `files` are [name, text or bytes].
function zipped(files) {
  const coder = new TextEncoder(),
    parts = [],
    entries = [];
  let offset = 0;
  for (const [name, content] of files) {
    const title = coder.encode(name),
      data = typeof content === "string" ? coder.encode(content) : content;
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    const facts = [
      [20, 2],
      [0x0800, 2],
      [0, 2],
      [0, 2],
      [33, 2],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
      [title.length, 2],
      [0, 2],
    ];
    const head = little([[0x04034b50, 4], ...facts]);
    const entry = little([[0x02014b50, 4], [20, 2], ...facts, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]]);
    entries.push(entry, title);
    parts.push(head, title, data);
    offset += head.length + title.length + data.length;
  }
  const size = entries.reduce((sum, part) => sum + part.length, 0);
  const end = little([
    [0x06054b50, 4],
    [0, 4],
    [files.length, 2],
    [files.length, 2],
    [size, 4],
    [offset, 4],
    [0, 2],
  ]);
  return new Blob([...parts, ...entries, end], { type: "application/zip" });
}
