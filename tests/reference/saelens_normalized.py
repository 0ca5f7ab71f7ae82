#!/usr/bin/env python3
"""Writes tests/Fovea.Tests/Dictionaries/SaeLens/normalized.json: SAEs whose vectors are each brought to a scale of their own, with their
codes, their reconstructions and the derivatives of both, by SAELens' published formulas in PyTorch (made with 2.14), in float64. Shares no
code with Fovea; SAELens itself is not run.

    python3 tests/reference/saelens_normalized.py [OUT]

layer_norm             y = (x - mean) / (std + 1e-5), std over d - 1;   x^ = std y^ + mean
constant_norm_rescale  y = x sqrt(d) / |x|;                             x^ = y^ |x| / sqrt(d)
b_dec is subtracted from y, where apply_b_dec_to_input says so.
"""
import json
import pathlib
import sys

import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fovea.Tests" / "Dictionaries" / "SaeLens" / "normalized.json"
D, N, ROWS, K, THRESHOLD = 6, 9, 4, 3, 0.4


def weights(architecture, generator):
    def normal(*shape, scale=1.0):
        # Three digits: the file is small, and the same numbers are read everywhere.
        return torch.randn(*shape, generator=generator, dtype=torch.float64).mul(scale).mul(1000).round().div(1000)

    found = {"W_dec": normal(N, D), "b_dec": normal(D, scale=0.5)}
    if architecture != "matching_pursuit":
        found["W_enc"] = normal(D, N)
    if architecture == "gated":
        found |= {"b_gate": normal(N, scale=0.3), "b_mag": normal(N, scale=0.3), "r_mag": normal(N, scale=0.3)}
    elif architecture != "matching_pursuit":
        found["b_enc"] = normal(N, scale=0.3)
    if architecture == "jumprelu":
        found["threshold"] = normal(N, scale=0.5)
    return found


def normalize(x, kind):
    if kind == "layer_norm":
        mean = x.mean(dim=-1, keepdim=True)
        centred = x - mean
        std = centred.std(dim=-1, keepdim=True)
        return centred / (std + 1e-5), lambda y: y * std + mean
    factor = D**0.5 / x.norm(dim=-1, keepdim=True)
    return x * factor, lambda y: y / factor


def pursue(left, directions, threshold):
    codes = [torch.zeros((), dtype=left.dtype)] * N
    while True:
        products = directions @ left
        best = int(products.argmax())
        known = [bool(code != 0) for code in codes]
        size = products[best].relu()
        codes[best] = codes[best] + size
        left = left - size * directions[best]
        if [bool(code != 0) for code in codes] == known or left.norm() < threshold:
            return torch.stack(codes)


def run(architecture, w, kind, centred, x):
    y, back = normalize(x, kind)
    y = y - w["b_dec"] * centred
    if architecture == "matching_pursuit":
        codes = torch.stack([pursue(row, w["W_dec"], THRESHOLD) for row in y])
        return codes, back(codes @ w["W_dec"] + w["b_dec"] * centred)
    if architecture == "gated":
        gate = (y @ w["W_enc"] + w["b_gate"] > 0).to(y.dtype)
        codes = gate * (y @ (w["W_enc"] * w["r_mag"].exp()) + w["b_mag"]).relu()
        return codes, back(codes @ w["W_dec"] + w["b_dec"])
    z = y @ w["W_enc"] + w["b_enc"]
    if architecture == "topk":
        z = z * w["W_dec"].norm(dim=-1)
        values, places = torch.topk(z, K, dim=-1)
        codes = torch.zeros_like(z).scatter(-1, places, values.relu())
        return codes, back((codes / w["W_dec"].norm(dim=-1)) @ w["W_dec"] + w["b_dec"])
    codes = z.relu() if architecture == "standard" else z.relu() * (z > w["threshold"])
    return codes, back(codes @ w["W_dec"] + w["b_dec"])


def main(out):
    cases = []
    for number, architecture in enumerate(["standard", "topk", "jumprelu", "gated", "matching_pursuit"]):
        generator = torch.Generator().manual_seed(number)
        w = weights(architecture, generator)
        if architecture == "matching_pursuit":
            w["W_dec"] = w["W_dec"] / w["W_dec"].norm(dim=-1, keepdim=True)
        for kind in ["layer_norm", "constant_norm_rescale"]:
            for centred in [True, False]:
                x = (torch.randn(ROWS, D, generator=generator, dtype=torch.float64) * 4 + 3).mul(1000).round().div(1000).requires_grad_()
                codes, output = run(architecture, w, kind, centred, x)
                ramp = lambda t: torch.arange(1, t.numel() + 1, dtype=t.dtype).view_as(t) / t.numel()
                of_codes, of_output = (torch.autograd.grad((v * ramp(v)).sum(), x, retain_graph=True)[0] for v in (codes, output))
                document = {"architecture": architecture, "d_in": D, "d_sae": N, "dtype": "float64", "device": "cpu",
                            "apply_b_dec_to_input": centred, "normalize_activations": kind, "reshape_activations": "none",
                            "metadata": {"sae_lens_version": "6.20.0"}}
                if architecture == "topk":
                    document |= {"k": K, "rescale_acts_by_decoder_norm": True}
                if architecture == "matching_pursuit":
                    document["residual_threshold"] = THRESHOLD
                numbers = {"x": x, "codes": codes, "output": output, "of_codes": of_codes, "of_output": of_output}
                cases.append({"cfg": document, "weights": {name: t.tolist() for name, t in w.items()}}
                             | {name: [[float(f"{v:.12g}") for v in row] for row in t.tolist()] for name, t in numbers.items()})
    out.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
