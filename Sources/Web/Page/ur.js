// Uniform resources (BCR-2020-005) as `airlock … --qr` shows them: one code, or parts of a fountain code in any order.

const WORDS =
  "aeadaoaxaaahamatayasbkbdbnbtbabsbebybgbwbbbzcmchcscfcycwcecackctcxclcpcndkdadsdidedtdrdndwdpdmdl" +
  "dyeheyeoeeecenemetesftfrfnfsfmfhfzfpfwfxfyfefgflfdgagegrgsgtglgwgdgygmgughgohfhghdhkhthphhhlhyhe" +
  "hnhsidiaieihiyioisinimjejzjnjtjljojsjpjkjykpkoktkskkknkgkekikblblalylflslrlplnltloldlelulklgmnmy" +
  "mhmemomumwmdmtmsmknlnyndnsntnnnenboyoeotoxonolospdptpkpypspmplpepfpaprqdqzrerprlrorhrdrkrfryrnrs" +
  "rtsesasrssskswstspsosgsbsfsntotktitttdtetytltbtstptatnuyuoutueurvtvyvovlvevwvavdvswlwdwmwpwewyws" +
  "wtwnwzwfwkykynylyaytzszoztzczezm";

const BYTES = new Map(Array.from({ length: 256 }, (_, byte) => [WORDS.slice(2 * byte, 2 * byte + 2), byte]));
const LARGEST = 1 << 20;
const MOST_PARTS = 4096;

const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Bytes from pairs of letters (BCR-2020-012, minimal), whose last four are the CRC-32 of the others. */
export function bytewords(text) {
  if (text.length % 2 || text.length < 10) throw new Error("The code is cut.");
  const all = new Uint8Array(text.length / 2);
  for (let index = 0; index < all.length; index++) {
    const byte = BYTES.get(text.slice(2 * index, 2 * index + 2));
    if (byte === undefined) throw new Error("The code has letters that are no byteword.");
    all[index] = byte;
  }
  const message = all.slice(0, -4);
  const view = new DataView(all.buffer);
  if (view.getUint32(message.length) !== crc32(message)) throw new Error("The code's checksum is wrong.");
  return message;
}

/** Reads CBOR as far as a part needs it: unsigned integers, byte strings and arrays, in the shortest form. */
class CBORReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.position = 0;
  }

  head(major) {
    const first = this.take(1)[0];
    if (first >> 5 !== major) throw new Error("The code holds something else than a file.");
    const short = first & 31;
    if (short < 24) return short;
    if (short > 27) throw new Error("The code is not in the shortest form.");
    const width = 1 << (short - 24);
    const value = this.take(width).reduce((sum, byte) => sum * 256 + byte, 0);
    if (value < (width === 1 ? 24 : 2 ** (width * 4)) || !Number.isSafeInteger(value)) {
      throw new Error("The code is not in the shortest form.");
    }
    return value;
  }

  take(count) {
    if (count > this.bytes.length - this.position) throw new Error("The code is cut.");
    this.position += count;
    return this.bytes.slice(this.position - count, this.position);
  }

  byteString() { return this.take(this.head(2)); }

  finish() { if (this.position !== this.bytes.length) throw new Error("The code has bytes behind its end."); }
}

/** The one byte string that a message of the type `bytes` is. */
function file(message) {
  const reader = new CBORReader(message);
  const bytes = reader.byteString();
  reader.finish();
  return bytes;
}

/** xoshiro256**, seeded with the SHA-256 of the part's number and the message's checksum. */
async function generator(sequence, checksum) {
  const seed = new DataView(new ArrayBuffer(8));
  seed.setUint32(0, sequence);
  seed.setUint32(4, checksum);
  const digest = new DataView(await crypto.subtle.digest("SHA-256", seed.buffer));
  const state = [0, 8, 16, 24].map((offset) => digest.getBigUint64(offset));
  const rotate = (word, count) => BigInt.asUintN(64, (word << count) | (word >> (64n - count)));
  return () => {
    const result = BigInt.asUintN(64, rotate(BigInt.asUintN(64, state[1] * 5n), 7n) * 9n);
    const shifted = BigInt.asUintN(64, state[1] << 17n);
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 45n);
    return Number(result) / 2 ** 64;
  };
}

const below = (next, bound) => Math.min(Math.floor(next() * bound), bound - 1);

/** How many fragments a part mixes: 1/n for n, drawn by Walker's alias method in the order that senders use. */
function degrees(count) {
  const sum = Array.from({ length: count }, (_, index) => 1 / (index + 1)).reduce((all, one) => all + one, 0);
  const scaled = Array.from({ length: count }, (_, index) => (1 / (index + 1)) * count / sum);
  const odds = new Array(count).fill(1);
  const aliases = Array.from({ length: count }, (_, index) => index);
  const down = Array.from({ length: count }, (_, index) => count - 1 - index);
  const small = down.filter((index) => scaled[index] < 1);
  const large = down.filter((index) => scaled[index] >= 1);
  while (small.length && large.length) {
    const [light, heavy] = [small.pop(), large.pop()];
    odds[light] = scaled[light];
    aliases[light] = heavy;
    scaled[heavy] += scaled[light] - 1;
    (scaled[heavy] < 1 ? small : large).push(heavy);
  }
  return (next) => {
    const index = below(next, count);
    return 1 + (next() < odds[index] ? index : aliases[index]);
  };
}

/**
 * Gathers the parts of one file. Every part is an equation: the fragments in it, added without carry, are its data.
 * Those that say something new are kept, never more than there are fragments, and solved as soon as there are as many.
 */
export class Gatherer {
  #first;
  #degree;
  #equations = new Map();

  /** How many parts came that say something new, and how many are needed. */
  get progress() { return { received: this.#equations.size, of: this.#first?.count ?? 0 }; }

  /** Takes what one code holds. Returns the file's bytes when all is there, else undefined; refuses by an error. */
  async receive(text) {
    if (text.length > 2 * LARGEST + 100) throw new Error("The code is too large.");
    const fields = /^ur:([a-z0-9-]+)\/(?:([1-9][0-9]{0,9})-([1-9][0-9]{0,3})\/)?([a-z]+)$/.exec(text.toLowerCase());
    if (!fields) throw new Error("This is no code of Airlock's.");
    const [, type, sequence, count, words] = fields;
    if (type !== "bytes") throw new Error(`This is a code of the type ${type}, and no payment file.`);
    if (sequence === undefined) return file(bytewords(words));
    return this.#part(Number(sequence), Number(count), bytewords(words));
  }

  async #part(sequence, count, bytes) {
    const reader = new CBORReader(bytes);
    if (reader.head(4) !== 5) throw new Error("The code is no part of a file.");
    const [ownSequence, ownCount, length, checksum] = [0, 1, 2, 3].map(() => reader.head(0));
    const data = reader.byteString();
    reader.finish();
    if (ownSequence !== sequence || ownCount !== count || count > MOST_PARTS || length > LARGEST
      || checksum > 0xffffffff || sequence > 0xffffffff
      || !data.length || (count - 1) * data.length >= length || count * data.length < length) {
      throw new Error("The code contradicts itself.");
    }
    const part = { count, length, checksum, size: data.length };
    const first = this.#first ?? part;
    if (Object.keys(part).some((name) => part[name] !== first[name])) {
      throw new Error("This code belongs to another file.");
    }
    let mask = 0n;
    for (const index of await this.#fragments(sequence, part)) mask |= 1n << BigInt(index);
    const sum = data.slice();
    // Each stored equation eliminates its own lowest fragment.
    while (mask) {
      const known = this.#equations.get(mask & -mask);
      if (!known) break;
      mask ^= known.mask;
      add(sum, known.sum);
    }
    if (!mask) {
      if (sum.some((byte) => byte)) throw new Error("The codes contradict one another.");
      return undefined;
    }
    this.#first = first;
    this.#equations.set(mask & -mask, { mask, sum });
    if (this.#equations.size < count) return undefined;
    try { return this.#solve(part); } catch (error) {
      // It is not known which of the parts was wrong.
      this.#equations.clear();
      this.#first = undefined;
      this.#degree = undefined;
      throw error;
    }
  }

  async #fragments(sequence, { count, checksum }) {
    if (sequence <= count) return [sequence - 1];
    const next = await generator(sequence, checksum);
    const degree = (this.#degree ??= degrees(count))(next);
    const left = Array.from({ length: count }, (_, index) => index);
    return Array.from({ length: degree }, () => left.splice(below(next, left.length), 1)[0]);
  }

  #solve({ count, length, checksum, size }) {
    const all = new Uint8Array(count * size);
    // From the last fragment to the first: apart from its own fragment, an equation contains only solved ones.
    for (let index = count - 1; index >= 0; index--) {
      const { mask, sum } = this.#equations.get(1n << BigInt(index));
      for (let other = index + 1; other < count; other++) {
        if (mask >> BigInt(other) & 1n) add(sum, all.subarray(other * size, (other + 1) * size));
      }
      all.set(sum, index * size);
    }
    const message = all.slice(0, length);
    if (crc32(message) !== checksum || all.slice(length).some((byte) => byte)) {
      throw new Error("The file's checksum is wrong. Reading begins again.");
    }
    return file(message);
  }
}

function add(sum, other) {
  for (let index = 0; index < sum.length; index++) sum[index] ^= other[index];
}
