// Finds the number the sign-up form asks for. A worker of its own, so that typing stays smooth; SHA-256 written out,
// because the browser's own is only there with https.
const K = new Uint32Array(64);
const START = new Uint32Array(8);
(() => {
  let found = 0;
  for (let n = 2; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    const part = (root) => ((root - Math.floor(root)) * 4294967296) >>> 0;
    if (found < 8) START[found] = part(Math.sqrt(n));
    K[found++] = part(Math.cbrt(n));
  }
})();

const words = new Uint32Array(64);
const rotate = (x, n) => (x >>> n) | (x << (32 - n));

// Mixes one block of 64 bytes into the state.
function mix(state, bytes, at) {
  for (let i = 0; i < 16; i++) words[i] = (bytes[at + 4 * i] << 24) | (bytes[at + 4 * i + 1] << 16) | (bytes[at + 4 * i + 2] << 8) | bytes[at + 4 * i + 3];
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15], b = words[i - 2];
    words[i] = (words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) + words[i - 7] + (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10))) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// The first word of the digest: more zero bits than 32 are never asked for.
function firstWord(text) {
  const bytes = new Uint8Array((Math.floor((text.length + 8) / 64) + 1) * 64);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  bytes[text.length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, text.length * 8);
  const state = new Uint32Array(START);
  for (let at = 0; at < bytes.length; at += 64) mix(state, bytes, at);
  return state[0];
}

onmessage = ({ data: { challenge, bits } }) => {
  for (let number = 0; ; number++) {
    if (firstWord(`${challenge}:${number}`) >>> (32 - bits) === 0) {
      postMessage(String(number));
      return;
    }
  }
};
