function fromBase64(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

// Symbols by length of their code, shortest first, with the number of codes of each length.
function huffman(lengths) {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  const starts = new Uint16Array(16);
  for (let length = 1; length < 15; length++) {
    starts[length + 1] = starts[length] + counts[length];
  }
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((length, symbol) => { if (length) symbols[starts[length]++] = symbol; });
  // Codes of up to nine bits, as they lie in the stream, are looked up: symbol · 16 + length.
  const quick = new Uint16Array(512);
  let code = 0;
  let at = 0;
  for (let length = 1; length <= 9; length++) {
    for (let index = 0; index < counts[length]; index++, code++, at++) {
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= (code >> bit & 1) << length - 1 - bit;
      for (let entry = reversed; entry < 512; entry += 1 << length) {
        quick[entry] = symbols[at] << 4 | length;
      }
    }
    code <<= 1;
  }
  return {counts, symbols, quick};
}

const lengthBase = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67,
  83, 99, 115, 131, 163, 195, 227, 258];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5,
  5, 5, 0];
const distanceBase = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513,
  769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// The `size` bytes of a zlib stream.
function inflate(source, size) {
  const output = new Uint8Array(size);
  let place = 2, bits = 0, held = 0, end = 0, isLast = false;
  const fill = count => {
    while (held < count) { bits |= (source[place++] || 0) << held; held += 8; }
  };
  const take = count => {
    if (count === 0) return 0;
    fill(count);
    const value = bits & (1 << count) - 1;
    bits >>>= count;
    held -= count;
    return value;
  };
  const decode = table => {
    fill(15);
    const entry = table.quick[bits & 511];
    if (entry) {
      bits >>>= entry & 15;
      held -= entry & 15;
      return entry >> 4;
    }
    let code = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      code |= take(1);
      const count = table.counts[length];
      if (code - count < first) return table.symbols[index + code - first];
      index += count;
      first = first + count << 1;
      code <<= 1;
    }
    throw new Error("damaged data");
  };
  while (!isLast) {
    isLast = take(1) === 1;
    const kind = take(2);
    if (kind === 0) {
      place -= held >> 3;
      bits = held = 0;
      const count = source[place] | source[place + 1] << 8;
      place += 4;
      output.set(source.subarray(place, place + count), end);
      place += count;
      end += count;
      continue;
    }
    let literals, distances;
    if (kind === 1) {
      literals = huffman(range(288).map(at => at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8));
      distances = huffman(range(30).map(() => 5));
    } else {
      const [literalCount, distanceCount, lengthCount] = [take(5) + 257, take(5) + 1, take(4) + 4];
      const codeLengths = new Array(19).fill(0);
      for (let at = 0; at < lengthCount; at++) codeLengths[lengthOrder[at]] = take(3);
      const codes = huffman(codeLengths);
      const lengths = [];
      while (lengths.length < literalCount + distanceCount) {
        const symbol = decode(codes);
        if (symbol < 16) { lengths.push(symbol); continue; }
        const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
        let repeat = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7);
        while (repeat-- > 0) lengths.push(value);
      }
      literals = huffman(lengths.slice(0, literalCount));
      distances = huffman(lengths.slice(literalCount));
    }
    for (;;) {
      const symbol = decode(literals);
      if (symbol < 256) {
        output[end++] = symbol;
        if (end > size) throw new Error("damaged data");
        continue;
      }
      if (symbol === 256) break;
      const length = lengthBase[symbol - 257] + take(lengthExtra[symbol - 257]);
      const far = decode(distances);
      const distance = distanceBase[far] + take(Math.max(0, (far >> 1) - 1));
      for (const stop = end + length; end < stop; end++) output[end] = output[end - distance];
    }
  }
  return output;
}

// Rows of 8- or 16-bit integers, the greatest for a missing value.
function unpack(packed) {
  const rows = packed.low.length;
  const bytes = inflate(fromBase64(packed.bytes), rows * packed.columns * packed.width);
  const missing = packed.width === 2 ? 65535 : 255;
  return row => range(packed.columns).map(column => {
    const at = row * packed.columns + column;
    const word = packed.width === 2 ? bytes[2 * at] + 256 * bytes[2 * at + 1] : bytes[at];
    if (word === missing) return NaN;
    return packed.low[row]
      + (packed.high[row] - packed.low[row]) * Math.pow(word / (missing - 1), packed.power);
  });
}
