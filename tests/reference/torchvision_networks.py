"""Exports torchvision's classifiers with random weights, with their answers and three inner values each: what docs/reference/networks.md is measured against.

    python3 torchvision_networks.py FOLDER [NAME ...]

Weights are torchvision's initialisation after torch.manual_seed, with the statistics of batch normalisation, biases and scales made unlike their first values, so that a
reader that drops one of them is caught. Inner values are the outputs of three modules a quarter, a half and three quarters of the way through, cloned in hooks. Each network gets
a folder with NAME.pt2, input.npy, output.npy, inner0.npy ... and reference.json.
"""
import json, os, sys, warnings
import numpy as np, torch, torchvision
from torch import nn

SIZES = {"inception_v3": 299}
# Weights keep values near one; where blocks add up to many, a smaller factor does: else the answers are rounding, in PyTorch too (images_alone below).
GAINS = {"efficientnet_v2_s": 1.1, "maxvit_t": 1.1}
NAMES = ["resnet18", "resnet50", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny", "densenet121", "googlenet", "inception_v3",
         "squeezenet1_1", "shufflenet_v2_x0_5", "vgg11", "vgg11_bn", "alexnet", "regnet_y_400mf", "mnasnet0_5", "vit_b_16", "swin_t", "maxvit_t"]


def make(name):
    torch.manual_seed(17)
    extra = dict(init_weights=True, aux_logits=True) if name in ("googlenet", "inception_v3") else {}
    return settle(torchvision.models.get_model(name, weights=None, **extra), name, 18).eval()


def settle(model, name, seed):
    """Statistics, biases and scales unlike their first values, and weights that keep values near one."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.copy_(torch.randn(module.running_mean.shape, generator=generator) * .2)
                module.running_var.copy_(torch.rand(module.running_var.shape, generator=generator) + .5)
        for key, parameter in model.named_parameters():
            if "layer_scale" in key: parameter.copy_(torch.rand(parameter.shape, generator=generator) + .3)
            elif parameter.numel() == 1 or float(parameter.std()) < 1e-3: parameter.add_(torch.randn(parameter.shape, generator=generator) * .1)
            elif parameter.dim() > 1: parameter.mul_(GAINS.get(name, 1.3) / (parameter.std() * parameter[0].numel() ** .5))
    return model


def inner_modules(model, x):
    """Paths of modules that run once, in the order in which they finish, with tensors of more than one number an image."""
    order, calls, hooks = [], {}, []
    for path, module in model.named_modules():
        def hook(_, __, out, path=path):
            calls[path] = calls.get(path, 0) + 1
            if path and isinstance(out, torch.Tensor): order.append(path)
        hooks.append(module.register_forward_hook(hook))
    with torch.no_grad(): model(x)
    for hook in hooks: hook.remove()
    once = [path for path in order if calls[path] == 1 and not isinstance(model.get_submodule(path), (nn.Dropout, nn.Identity, torchvision.ops.StochasticDepth))]
    return [once[len(once) * k // 4] for k in (1, 2, 3)]


def keep(folder, name):
    place = os.path.join(folder, name)
    os.makedirs(place, exist_ok=True)
    model, size = make(name), SIZES.get(name, 224)
    random = np.random.default_rng(19)
    x = torch.from_numpy((random.standard_normal((2, 3, size, size)) * .7 + random.standard_normal((2, 3, 1, 1))).astype(np.float32))
    paths, kept, hooks = inner_modules(model, x), {}, []
    for path in paths:
        def hook(_, __, out, path=path): kept[path] = out.detach().clone()
        hooks.append(model.get_submodule(path).register_forward_hook(hook))
    with torch.no_grad(): output = model(x.clone())
    for hook in hooks: hook.remove()
    with torch.no_grad(): alone = float((model(x[1:].clone()) - output[1:]).abs().max() / output.abs().max())
    assert alone < 1e-5, (name, "an image alone and in a batch differ by", alone)
    save = lambda file, t: np.save(os.path.join(place, file), np.ascontiguousarray(t.numpy()))
    save("input.npy", x)
    save("output.npy", output)
    for k, path in enumerate(paths): save(f"inner{k}.npy", kept[path])
    program = torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    torch.export.save(program, os.path.join(place, f"{name}.pt2"))
    with open(os.path.join(place, "reference.json"), "w") as file:
        json.dump(dict(name=name, torch=torch.__version__, torchvision=torchvision.__version__, input=list(x.shape), inner=paths,
                       images_alone=alone, largest=float(output.abs().max()), images_differ_by=float((output[0] - output[1]).abs().max())), file, indent=1)
    print(name, paths, "largest answer", float(output.abs().max()), "images differ by", float((output[0] - output[1]).abs().max()), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in sys.argv[2:] or NAMES:
        try:
            keep(sys.argv[1], name)
        except Exception as error:
            print(name, "failed:", type(error).__name__, str(error)[:300], flush=True)
