"""Codes of an exported autoencoder by SAELens' published formulas, in numpy, sharing no code with Fovea.

    python3 saelens_codes.py FOLDER VECTORS OUT

FOLDER holds cfg.json and sae_weights.safetensors. VECTORS is a safetensors file with "x" [rows, d_in]; OUT gets raw float32
little-endian: the codes [rows, d_sae], then the reconstructions [rows, d_in]. What SAELens' loader insists on is insisted on here:
version 6 in the metadata, exactly the tensors of the architecture. Needs numpy alone: safetensors is read by hand.
"""
import json
import struct
import sys

import numpy as np

TYPES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
TENSORS = {
    "standard": {"W_enc", "W_dec", "b_enc", "b_dec"},
    "topk": {"W_enc", "W_dec", "b_enc", "b_dec"},
    "jumprelu": {"W_enc", "W_dec", "b_enc", "b_dec", "threshold"},
    "gated": {"W_enc", "W_dec", "b_dec", "b_gate", "b_mag", "r_mag"},
    "matching_pursuit": {"W_dec", "b_dec"},
}


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + length + start : 8 + length + end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def relu(z):
    return np.maximum(z, 0)


def pursue(directions, left, threshold):
    """One vector: until no new direction is chosen, or what is left is shorter than the threshold."""
    codes = np.zeros(len(directions), left.dtype)
    while True:
        products = relu(directions @ left)
        best = int(np.argmax(products))
        known = codes != 0
        codes[best] += products[best]
        left = left - products[best] * directions[best]
        if np.array_equal(codes != 0, known) or np.linalg.norm(left) < threshold:
            return codes


def normalize(config, x):
    """Vectors as they are encoded, and what their reconstructions are multiplied by and get added."""
    if config["normalize_activations"] == "layer_norm":
        mean = x.mean(-1, keepdims=True)
        deviation = (x - mean).std(-1, ddof=1, keepdims=True)
        return (x - mean) / (deviation + 1e-5), deviation, mean
    if config["normalize_activations"] == "constant_norm_rescale":
        factor = x.shape[-1] ** 0.5 / np.linalg.norm(x, axis=-1, keepdims=True)
        return x * factor, 1 / factor, 0
    assert config["normalize_activations"] == "none"
    return x, 1, 0


def encode(config, weights, x):
    x = x - weights["b_dec"] * bool(config.get("apply_b_dec_to_input", True))
    if config["architecture"] == "matching_pursuit":
        return np.stack([pursue(weights["W_dec"], row, config["residual_threshold"]) for row in x])
    if config["architecture"] == "gated":
        active = x @ weights["W_enc"] + weights["b_gate"] > 0
        return active * relu(x @ (weights["W_enc"] * np.exp(weights["r_mag"])) + weights["b_mag"])
    z = x @ weights["W_enc"] + weights["b_enc"]
    if config["architecture"] == "standard":
        return relu(z)
    if config["architecture"] == "jumprelu":
        return relu(z) * (z > weights["threshold"])
    if config.get("rescale_acts_by_decoder_norm", False):
        z = z * np.linalg.norm(weights["W_dec"], axis=-1)
    codes = np.zeros_like(z)
    largest = np.argpartition(-z, config["k"] - 1, axis=-1)[:, : config["k"]]
    np.put_along_axis(codes, largest, relu(np.take_along_axis(z, largest, -1)), -1)
    return codes


def main(folder, vectors, out):
    with open(folder + "/cfg.json") as file:
        config = json.load(file)
    assert int(config["metadata"]["sae_lens_version"].split(".")[0]) >= 6, "SAELens would take this for an old file"
    assert config["reshape_activations"] == "none"
    weights = read_safetensors(folder + "/sae_weights.safetensors")
    assert set(weights) == TENSORS[config["architecture"]], (config["architecture"], sorted(weights))
    assert "W_enc" not in weights or weights["W_enc"].shape == (config["d_in"], config["d_sae"])
    assert weights["W_dec"].shape == (config["d_sae"], config["d_in"])
    x, scale, shift = normalize(config, read_safetensors(vectors)["x"])
    codes = encode(config, weights, x)
    scaled = codes / np.linalg.norm(weights["W_dec"], axis=-1) if config.get("rescale_acts_by_decoder_norm", False) else codes
    output = (scaled @ weights["W_dec"] + weights["b_dec"]) * scale + shift
    with open(out, "wb") as file:
        file.write(codes.astype("<f4").tobytes())
        file.write(output.astype("<f4").tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
