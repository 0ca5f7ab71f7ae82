"""Makes networks of kinds that torchvision does not have, with random weights, images and PyTorch's answers, for OtherNetworkTests.

    python3 other_networks.py FOLDER

Each network is exported four times: .pt2 with the number of images open and fixed, ONNX by the older exporter and by the newer one (which needs onnxscript and
onnx_ir on PYTHONPATH). What an exporter cannot do is said and left out. Made with PyTorch 2.14.1.
"""
import os, sys, warnings
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
warnings.filterwarnings("ignore")


def conv(inputs, outputs, kernel=3, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Mixer(nn.Module):
    """MLP-Mixer: positions and channels are mixed in turns."""
    def __init__(self, d=32, tokens=16, classes=10):
        super().__init__()
        self.patches = nn.Conv2d(3, d, 8, 8)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.positions = nn.Sequential(nn.Linear(tokens, 48), nn.GELU(approximate="tanh"), nn.Linear(48, tokens))
        self.channels = nn.Sequential(nn.Linear(d, 64), nn.GELU(), nn.Linear(64, d))
        self.head = nn.Linear(d, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.positions(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return self.head((x + self.channels(self.norm2(x))).mean(1))


class Scales(nn.Module):
    """Maps of several sizes side by side (HRNet, U-Net): transposed convolution and resampling."""
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = conv(3, 16), conv(16, 32, stride=2), conv(32, 32, stride=2)
        self.up, self.twice, self.mix = nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(48, 16, 1)
        self.head = nn.Linear(32, 7)

    def forward(self, x):
        a = self.a(x)
        b = self.b(a)
        c = self.c(b)
        y = self.mix(torch.cat([a, F.interpolate(c, size=a.shape[-2:], mode="nearest")], 1)) + self.up(b)
        z = F.leaky_relu(self.twice(c), 0.2) + b
        return self.head(torch.cat([y.mean((2, 3)), z.amax((2, 3))[:, :16]], 1))


class PoolFormer(nn.Module):
    """Pooling in place of attention, group normalisation, a scale for each channel."""
    def __init__(self):
        super().__init__()
        self.patches, self.norm, self.norm2 = nn.Conv2d(3, 24, 4, 4), nn.GroupNorm(1, 24), nn.GroupNorm(4, 24)
        self.pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
        self.scale = nn.Parameter(torch.rand(24))
        self.mlp = nn.Sequential(nn.Conv2d(24, 48, 1), nn.GELU(), nn.Conv2d(48, 24, 1))
        self.head = nn.Linear(24, 5)

    def forward(self, x):
        x = self.patches(x)
        y = self.norm(x)
        x = x + self.scale[:, None, None] * (self.pool(y) - y)
        return self.head((x + self.mlp(self.norm2(x))).mean([-2, -1]))


class Cbam(nn.Module):
    """Attention of channels and of positions by means and maxima."""
    def __init__(self):
        super().__init__()
        self.a, self.b = conv(3, 24, stride=2), conv(24, 32, stride=2)
        self.channels = nn.Sequential(nn.Linear(24, 6), nn.ReLU(), nn.Linear(6, 24))
        self.positions, self.head = nn.Conv2d(2, 1, 7, padding=3), nn.Linear(32, 6)

    def forward(self, x):
        x = self.a(x)
        w = torch.sigmoid(self.channels(x.mean((2, 3))) + self.channels(F.adaptive_max_pool2d(x, 1).flatten(1)))
        x = x * w[:, :, None, None]
        largest, _ = x.max(dim=1, keepdim=True)
        x = x * torch.sigmoid(self.positions(torch.cat([x.mean(1, keepdim=True), largest], 1)))
        return self.head(F.adaptive_avg_pool2d(self.b(x), (1, 1)).squeeze(-1).squeeze(-1))


class Older(nn.Module):
    """Local response, PReLU, ceiling windows, reflected borders, softplus, instance normalisation."""
    def __init__(self):
        super().__init__()
        self.a, self.response, self.slope = nn.Conv2d(3, 16, 5, 2, 2), nn.LocalResponseNorm(5), nn.PReLU(16)
        self.pool, self.b = nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(16, 24, 3, padding=1, padding_mode="reflect")
        self.soft, self.norm, self.drop, self.head = nn.Softplus(), nn.InstanceNorm2d(24, affine=True), nn.Dropout2d(), nn.Linear(24 * 16, 9)

    def forward(self, x):
        x = self.pool(self.slope(self.response(self.a(x))))
        return self.head(F.adaptive_avg_pool2d(self.drop(self.soft(self.norm(self.b(x)))), 4).flatten(1))


class Eca(nn.Module):
    """A convolution along channels (ECA-Net), and many functions."""
    def __init__(self):
        super().__init__()
        self.a, self.line, self.b, self.head = conv(3, 16, stride=2), nn.Conv1d(1, 1, 3, padding=1), nn.Conv2d(16, 16, 3, padding=2, dilation=2), nn.Conv2d(16, 5, 1)

    def forward(self, x):
        x = self.a(x)
        w = self.line(x.mean((2, 3)).unsqueeze(1)).squeeze(1).sigmoid()[..., None, None]
        x = F.elu(self.b(x * w)) + F.selu(x) + F.mish(x) + F.hardtanh(x) + F.softsign(x) + F.logsigmoid(x) + F.relu6(x) + F.celu(x)
        return self.head(x).flatten(2).mean(-1)


class Selective(nn.Module):
    """Kernels chosen by a softmax over branches (SKNet)."""
    def __init__(self):
        super().__init__()
        self.a, self.branches = conv(3, 16, stride=2), nn.ModuleList([conv(16, 16, 3, groups=4), conv(16, 16, 5, groups=4)])
        self.choose, self.head = nn.Linear(16, 32), nn.Linear(16, 4)

    def forward(self, x):
        x = self.a(x)
        y = torch.stack([branch(x) for branch in self.branches], 1)
        w = self.choose(y.sum(1).mean((2, 3))).view(-1, 2, 16, 1, 1).softmax(1)
        return self.head((y * w).sum(1).norm(dim=(2, 3)))


class Standardised(nn.Module):
    """Weights that are standardised or normalised while the network runs; a global response normalisation (ConvNeXt V2)."""
    def __init__(self):
        super().__init__()
        self.w, self.norm = nn.Parameter(torch.randn(16, 3, 3, 3)), nn.GroupNorm(4, 16)
        self.gain, self.shift = nn.Parameter(torch.rand(1, 16, 1, 1)), nn.Parameter(torch.rand(1, 16, 1, 1))
        self.c, self.head = nn.utils.parametrizations.weight_norm(nn.Conv2d(16, 16, 3, padding=1)), nn.Linear(16, 3)

    def forward(self, x):
        mean, variance = self.w.mean((1, 2, 3), keepdim=True), self.w.var((1, 2, 3), keepdim=True, unbiased=False)
        x = F.mish(self.norm(F.conv2d(x, (self.w - mean) / torch.sqrt(variance + 1e-5), stride=2, padding=1)))
        size = torch.norm(x, p=2, dim=(2, 3), keepdim=True)
        x = self.gain * (x * (size / (size.mean(1, keepdim=True) + 1e-6))) + self.shift + x
        return self.head(self.c(x).std((2, 3)))


class Shuffled(nn.Module):
    """Pixels to channels and back, tables of positions, steps, mirrors."""
    def __init__(self):
        super().__init__()
        self.a, self.b, self.head = nn.Conv2d(12, 16, 3, padding=1), nn.Conv2d(4, 16, 3, padding=1), nn.Linear(16, 5, bias=False)

    def forward(self, x):
        x = F.hardswish(self.a(F.pixel_unshuffle(x, 2)))
        x = F.pixel_shuffle(x[:, [0, 2, 1, 3] + list(range(4, 16))], 2)
        x = torch.roll(torch.flip(F.silu(self.b(x)), [3])[:, :, ::2, 1::2], 1, 2)
        x = torch.clamp(torch.where(x > 0, x, 0.1 * x), max=3.0)
        x = torch.maximum(x, x.mean((2, 3), keepdim=True))
        return self.head(F.normalize(x.mean((2, 3)), dim=1)) @ torch.eye(5)


class Registers(nn.Module):
    """A transformer with registers, rotary positions, normalised queries, gated MLP, and PyTorch's own attention modules."""
    def __init__(self, d=32, heads=4, registers=2, tokens=16):
        super().__init__()
        self.heads, self.patches = heads, nn.Conv2d(3, d, 8, 8)
        self.cls, self.registers, self.places = nn.Parameter(torch.randn(1, 1, d)), nn.Parameter(torch.randn(1, registers, d)), nn.Parameter(torch.randn(1, tokens, d) * 0.1)
        self.register_buffer("cos", torch.rand(tokens, d // heads))
        self.register_buffer("sin", torch.rand(tokens, d // heads))
        self.qkv, self.q_norm, self.k_norm, self.out = nn.Linear(d, 3 * d), nn.RMSNorm(d // heads), nn.LayerNorm(d // heads), nn.Linear(d, d)
        self.norm, self.w1, self.w2, self.w3 = nn.LayerNorm(d, eps=1e-6), nn.Linear(d, 64), nn.Linear(d, 64), nn.Linear(64, d)
        self.scale, self.attend = nn.Parameter(torch.rand(d)), nn.MultiheadAttention(d, 4, batch_first=True)
        self.block, self.head = nn.TransformerEncoderLayer(d, 4, 64, batch_first=True, norm_first=True), nn.Linear(d, 6)

    def rotate(self, q):
        a, b = q[:, :, 3:].chunk(2, -1)
        return torch.cat([q[:, :, :3], q[:, :, 3:] * self.cos + torch.cat([-b, a], -1) * self.sin], 2)

    def forward(self, x):
        n = x.shape[0]
        x = self.patches(x).flatten(2).transpose(1, 2) + self.places
        x = torch.cat([self.cls.expand(n, -1, -1), self.registers.expand(n, -1, -1), x], 1)
        q, k, v = self.qkv(self.norm(x)).reshape(n, -1, 3, self.heads, x.shape[-1] // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(self.rotate(self.q_norm(q)), self.rotate(self.k_norm(k)), v)
        x = x + self.scale * self.out(a.transpose(1, 2).reshape(n, -1, x.shape[-1]))
        x = x + self.w3(F.silu(self.w1(x)) * self.w2(x))
        y, _ = self.attend(x, x, x, need_weights=False)
        return self.head(self.block(x + y)[:, 0])


class Unfolded(nn.Module):
    """Windows as columns."""
    def __init__(self):
        super().__init__()
        self.a, self.head = conv(3, 8, stride=2), nn.Linear(72, 4)

    def forward(self, x):
        return self.head(F.unfold(self.a(x), 3, padding=1).mean(-1))


class Covariance(nn.Module):
    """Attention between channels by einsum, a module that is called twice, two answers."""
    def __init__(self):
        super().__init__()
        self.a, self.relu, self.b, self.head = conv(3, 16, stride=2), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.Linear(16, 4)

    def forward(self, x):
        y = self.relu(self.b(self.relu(self.b(self.a(x)))))
        q = y.flatten(2)
        attention = torch.einsum("bcn,bdn->bcd", q, q) / q.shape[-1]
        z = torch.einsum("bcd,bdn->bcn", attention.softmax(-1), q).view_as(y)
        z = torch.cumsum(z, 3) / z.shape[3]
        return {"logits": self.head(z.mean((2, 3))), "embedding": z.mean((2, 3))}


class Maps(nn.Module):
    """No classifier: the answer is a map."""
    def __init__(self):
        super().__init__()
        self.a, self.b = conv(3, 16, stride=2), conv(16, 24, stride=2)

    def forward(self, x):
        return self.b(self.a(x))


class Ghost(nn.Module):
    """Cheap channels beside others, channels shuffled by their sizes, a pooling over all that there is."""
    def __init__(self):
        super().__init__()
        self.a, self.c, self.head = conv(3, 8, stride=2), nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Linear(16, 4)

    def forward(self, x):
        x = self.a(x)
        x = torch.cat([x, self.c(x)], 1)
        x = x - x.mean(dim=1, keepdim=True)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.head(F.max_pool2d(x, x.shape[2:]).view(n, -1))


class Cosine(nn.Module):
    """Normalisation inside the network, generalised-mean pooling, a classifier by cosines."""
    def __init__(self):
        super().__init__()
        self.a, self.w, self.scale = conv(3, 16, stride=2), nn.Parameter(torch.randn(5, 16)), nn.Parameter(torch.tensor(10.0))
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        x = self.a((x - self.mean) / self.std).pow(3).clamp(min=1e-6).mean((2, 3)).pow(1 / 3)
        return self.scale * F.linear(F.normalize(x), F.normalize(self.w))


class ColoursLast(nn.Module):
    """Images with colours last, as networks of TensorFlow take them, scaled as they come; maps are pooled with colours last."""
    images = staticmethod(lambda: torch.rand(3, 24, 32, 3) * 255)

    def __init__(self):
        super().__init__()
        self.a, self.b, self.head = conv(3, 16, stride=2), conv(16, 24, stride=2), nn.Linear(24, 5)
        self.register_buffer("mean", torch.tensor([123.7, 116.3, 103.5]))

    def forward(self, x):
        x = ((x - self.mean) / 127.5).permute(0, 3, 1, 2)
        return self.head(self.b(self.a(x)).permute(0, 2, 3, 1).mean((1, 2))).softmax(-1)


class Bytes(nn.Module):
    """Whole numbers from 0 to 255 with colours last, and what is done to them inside."""
    images = staticmethod(lambda: (torch.rand(3, 24, 32, 3) * 256).to(torch.uint8))

    def __init__(self):
        super().__init__()
        self.a, self.b, self.head = conv(3, 16, stride=2), conv(16, 24, stride=2), nn.Linear(24, 5)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        x = (x.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        return self.head(self.b(self.a(x)).mean((2, 3)))


class BytesFirst(Bytes):
    """The same with colours first; the division makes numbers with fractions."""
    images = staticmethod(lambda: (torch.rand(3, 3, 24, 32) * 256).to(torch.uint8))

    def forward(self, x):
        x = (x / 255 - self.mean) / self.std
        return self.head(self.b(self.a(x)).mean((2, 3)))


FORMS = {
    "open.pt2": lambda m, x, path: torch.export.save(torch.export.export(m, (x,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},)), path),
    "fixed.pt2": lambda m, x, path: torch.export.save(torch.export.export(m, (x[:1].clone(),)), path),
    "older.onnx": lambda m, x, path: torch.onnx.export(m, (x,), path, opset_version=17, dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "N"}}),
    "newer.onnx": lambda m, x, path: torch.onnx.export(m, (x,), path, dynamo=True, verbose=False, dynamic_shapes=({0: torch.export.Dim("batch", min=1)},)),
}

for kind in (Mixer, Scales, PoolFormer, Cbam, Older, Eca, Selective, Standardised, Shuffled, Registers, Unfolded, Covariance, Maps, Ghost, Cosine, ColoursLast, Bytes, BytesFirst):
    torch.manual_seed(3)
    model = kind().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    folder = os.path.join(sys.argv[1], kind.__name__.lower())
    os.makedirs(folder, exist_ok=True)
    x = kind.images() if hasattr(kind, "images") else torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        answer = model(x.clone())
        np.save(os.path.join(folder, "input.npy"), x.numpy())
        np.save(os.path.join(folder, "output.npy"), (answer["logits"] if isinstance(answer, dict) else answer).numpy())
        for name, export in FORMS.items():
            try:
                export(model, x.clone(), os.path.join(folder, name))
            except Exception as error:
                print(kind.__name__, name, "not exported:", str(error).split("\n")[0][:120], flush=True)
    print(kind.__name__, flush=True)
