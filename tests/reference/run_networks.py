"""Networks of four more kinds with PyTorch's answers and three inner values each, for comparison with what `fovea model run` writes.

    python3 run_networks.py FOLDER                 makes FOLDER/NAME/net.pt2, net.onnx (older exporter, opset 17), input.npy, output.npy, inner-LAYER.npy, reference.json
    python3 run_networks.py FOLDER --compare       prints a row for each FOLDER/NAME/FORM-values (FORM: pt2, onnx) that
        fovea model run NAME/net.FORM --input NAME/input.npy --read LAYER ... --out NAME/FORM-values
    has written: the largest difference over the largest value. Made with PyTorch 2.14.1.
"""
import json, os, sys, warnings
import numpy as np, torch
from torch import nn
from torch.nn import functional as F
warnings.filterwarnings("ignore")

class Residual(nn.Module):
    def __init__(self, fn): super().__init__(); self.fn = fn
    def forward(self, x): return self.fn(x) + x

def convmixer(dim=96, depth=4, kernel=9, patch=7, classes=11):
    return nn.Sequential(
        nn.Conv2d(3, dim, patch, patch), nn.GELU(), nn.BatchNorm2d(dim),
        *[nn.Sequential(Residual(nn.Sequential(nn.Conv2d(dim, dim, kernel, groups=dim, padding="same"), nn.GELU(), nn.BatchNorm2d(dim))),
                        nn.Conv2d(dim, dim, 1), nn.GELU(), nn.BatchNorm2d(dim)) for _ in range(depth)],
        nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(dim, classes))

class Gate(nn.Module):
    def __init__(self, d, n): super().__init__(); self.norm = nn.LayerNorm(d // 2); self.mix = nn.Conv1d(n, n, 1)
    def forward(self, x):
        u, v = x.chunk(2, -1)
        return u * self.mix(self.norm(v))

class GBlock(nn.Module):
    def __init__(self, d, h, n):
        super().__init__()
        self.norm, self.up, self.gate, self.down = nn.LayerNorm(d), nn.Linear(d, h), Gate(h, n), nn.Linear(h // 2, d)
    def forward(self, x): return x + self.down(self.gate(F.gelu(self.up(self.norm(x)))))

class GMLP(nn.Module):
    def __init__(self, d=64, n=49, classes=9):
        super().__init__()
        self.patches = nn.Conv2d(3, d, 8, 8)
        self.blocks = nn.ModuleList(GBlock(d, 192, n) for _ in range(4))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, classes)
    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        for b in self.blocks: x = b(x)
        return self.head(self.norm(x).mean(1))

def squash(x, d=-1):
    n = (x * x).sum(d, keepdim=True)
    return n / (1 + n) * x / torch.sqrt(n + 1e-8)

class SE(nn.Module):
    def __init__(self, c): super().__init__(); self.a, self.b = nn.Conv2d(c, c // 4, 1), nn.Conv2d(c // 4, c, 1)
    def forward(self, x): return x * torch.sigmoid(self.b(F.silu(self.a(x.mean((2, 3), keepdim=True)))))

class Capsules(nn.Module):
    """Squeeze-excite encoder, 32 primary capsules of 8, routed in three turns to one of 16 for each class; lengths are the answers."""
    def __init__(self, classes=7):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 5, 2, 2), nn.BatchNorm2d(32), nn.ReLU())
        self.mid = nn.Sequential(nn.Conv2d(32, 64, 3, 2, 1), nn.BatchNorm2d(64), nn.ReLU())
        self.se = SE(64)
        self.primary = nn.Conv2d(64, 64, 3, 2, 1)
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.weight = nn.Parameter(torch.randn(128, classes, 8, 16) * 1.5)
        self.scale = nn.Linear(classes, classes)
    def forward(self, x):
        x = 6 * self.pool(self.primary(self.se(self.mid(self.stem(x)))))
        u = squash(x.reshape(x.shape[0], 8, 8, 16).permute(0, 1, 3, 2).reshape(x.shape[0], 128, 8))
        votes = torch.einsum("bni,ncio->bnco", u, self.weight)
        b = torch.zeros_like(votes[..., 0])
        for turn in range(3):
            v = squash((torch.softmax(b, 2)[..., None] * votes).sum(1))
            if turn < 2: b = b + (votes * v[:, None]).sum(-1)
        return self.scale(v.norm(dim=-1))

class UNet(nn.Module):
    def __init__(self, classes=5):
        super().__init__()
        def two(a, b): return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.GroupNorm(4, b), nn.ELU(), nn.Conv2d(b, b, 3, padding=1, bias=False), nn.InstanceNorm2d(b, affine=True), nn.ELU())
        self.d1, self.d2, self.d3 = two(3, 16), two(16, 32), two(32, 64)
        self.up2, self.u2 = nn.ConvTranspose2d(64, 32, 2, 2), two(64, 32)
        self.up1, self.u1 = nn.ConvTranspose2d(32, 16, 3, 2, 1, 1), two(32, 16)
        self.head = nn.Linear(16, classes)
    def forward(self, x):
        a = self.d1(x); b = self.d2(F.max_pool2d(a, 2)); c = self.d3(F.avg_pool2d(b, 2))
        x = self.u2(torch.cat((self.up2(c), b), 1)); x = self.u1(torch.cat((self.up1(x), a), 1))
        return self.head(x.amax((2, 3)))

NETWORKS = dict(convmixer=(convmixer, 56, ["2", "4.0.fn.2", "6.3"]), gmlp=(GMLP, 56, ["blocks.0.gate", "blocks.1", "blocks.3.down"]),
            capsules=(Capsules, 64, ["mid", "se", "primary"]), unet=(UNet, 48, ["d2", "up2", "u1"]))

def relative(found, wanted):
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    return float(np.abs(found.astype(np.float64) - wanted).max() / np.abs(wanted).max())


def compare(folder):
    worst = 0
    for name, (_, _, inner) in NETWORKS.items():
        for form in ("pt2", "onnx"):
            place, values = os.path.join(folder, name), os.path.join(folder, name, form + "-values")
            pairs = [("output", "output")] + [(one, "inner-" + one) for one in inner]
            found = [relative(np.load(os.path.join(values, a + ".npy")), np.load(os.path.join(place, b + ".npy"))) for a, b in pairs]
            worst = max(worst, *found)
            print(f"| {name} | .{form} | {found[0]:.1E} | " + ", ".join(f"`{one}` {value:.1E}" for one, value in zip(inner, found[1:])) + " |")
    sys.exit(1 if worst > 3e-5 else 0)


def make_all(out):
    for seed, (name, (make, size, inner)) in enumerate(NETWORKS.items(), 41):
        torch.manual_seed(seed)
        m = make().eval(); g = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for mod in m.modules():
                if isinstance(mod, nn.BatchNorm2d):
                    mod.running_mean.normal_(0, .2, generator=g); mod.running_var.uniform_(.5, 1.5, generator=g); mod.weight.uniform_(.5, 1.5, generator=g); mod.bias.normal_(0, .1, generator=g)
                if isinstance(mod, (nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)): mod.weight.uniform_(.5, 1.5, generator=g); mod.bias.normal_(0, .1, generator=g)
        x = torch.randn(4, 3, size, size, generator=g); kept = {}
        mods = dict(m.named_modules())
        hooks = [mods[i].register_forward_hook(lambda _, __, o, i=i: kept.__setitem__(i, o.detach().clone())) for i in inner]
        with torch.no_grad(): y = m(x)
        for h in hooks: h.remove()
        d = os.path.join(out, name); os.makedirs(d, exist_ok=True)
        np.save(d + "/input.npy", x.numpy()); np.save(d + "/output.npy", y.numpy())
        for k, v in kept.items(): np.save(f"{d}/inner-{k}.npy", v.numpy())
        json.dump(dict(name=name, inner=inner), open(d + "/reference.json", "w"))
        torch.export.save(torch.export.export(m, (x.clone(),), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},)), d + "/net.pt2")
        try: torch.onnx.export(m, (x,), d + "/net.onnx", dynamo=False, opset_version=17, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "b"}})
        except Exception as e: print(name, "legacy", str(e)[:300])
        print(name, tuple(y.shape), float(y.abs().max()), float((y - y[:1]).abs().max()), {k: tuple(v.shape) for k, v in kept.items()}, flush=True)


if __name__ == "__main__": compare(sys.argv[1]) if "--compare" in sys.argv else make_all(sys.argv[1])
