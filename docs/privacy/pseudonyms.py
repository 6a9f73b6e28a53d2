"""Computes the pseudonyms of pseudonym-vectors.json with Python's standard library; fails where one differs."""
import hashlib, hmac, json, pathlib, unicodedata

def mac(key, data): return hmac.new(key, data, hashlib.sha256).digest()
def framed(text): return len(text.encode()).to_bytes(8, "big") + text.encode()
def nf(form, text): return unicodedata.normalize(form, text)
def canonical(text): return nf("NFKC", nf("NFKC", nf("NFD", text).casefold()).casefold()).strip("\t\n\v\f\r \x85\u1680\u2028\u2029")
def purpose_key(root, purpose, study, version):  # HKDF-SHA-256 (RFC 5869) without a salt, one block
    info = b"sillage/v1/purpose/" + framed(purpose) + framed(study) + version.to_bytes(4, "big")
    return mac(mac(bytes(32), root), info + b"\x01")
def number(key, texts): return int.from_bytes(mac(key, b"".join(framed(k) + framed(canonical(t)) for k, t in texts))[:8], "big")
def code(n):  # 60 bits as 12 symbols, and the one that brings the weighted sum over GF(32) to zero
    symbols, check, times_x = [n >> 5 * i & 31 for i in range(11, -1, -1)], 0, lambda e: e << 1 ^ (59 if e & 16 else 0)
    for s in symbols: check = times_x(check ^ s)
    text = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[s] for s in symbols + [check])
    return "P-" + "-".join(text[i:i + 4] for i in range(0, 13, 4))

for v in json.loads(pathlib.Path(__file__).with_name("pseudonym-vectors.json").read_text("utf-8")):
    key = purpose_key(bytes.fromhex(v["root_key"]), v["purpose"], v["study"], v["version"])
    n = number(key, v["texts"])
    assert (key.hex(), n, code(n >> 4)) == (v["key"], v["number"], v["pseudonym"]), v
    print(v["pseudonym"], v["study"], v["version"], v["texts"])
