"""The catalogue's networks as PyTorch has them, for tests that compare both: exported programs, and weights beside them.

Usage: python3 tests/reference/catalogue_networks.py FOLDER [MOBILENET_WEIGHTS]
(torch 2.14 and torchvision 0.27; MOBILENET_WEIGHTS: a mobilenet_v2 checkpoint of torchvision.)

Of each network: NAME.pt2 (any number of images), NAME.pth (the state dict), NAME-input.npy and NAME-output.npy. Weights are random, with
statistics of batch normalisation that are not the fresh ones; GoogLeNet has its auxiliary classifiers and its transformation of the input, as
the published one; mobilenet_v2 has the given weights.
"""
import os
import sys

import numpy as np
import torch
import torchvision

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            torch.nn.init.normal_(module.bias, 0, 0.1, generator=generator)


def write(name, model, state, seed):
    model.eval()
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        answer = model(images)
    torch.save(state, os.path.join(folder, name + ".pth"))
    program = torch.export.export(model, (images.clone(),), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    torch.export.save(program, os.path.join(folder, name + ".pt2"))
    np.save(os.path.join(folder, name + "-input.npy"), images.numpy())
    np.save(os.path.join(folder, name + "-output.npy"), answer.numpy())
    print(name, tuple(answer.shape), float(answer.abs().max()))


with torch.no_grad():
    for seed, name in enumerate(["resnet18", "resnet34", "resnet50"], 1):
        torch.manual_seed(seed)
        network = getattr(torchvision.models, name)(weights=None, num_classes=10)
        randomise(network, seed)
        write(name, network, network.state_dict(), seed)
    torch.manual_seed(4)
    network = torchvision.models.googlenet(weights=None, num_classes=10, transform_input=True, aux_logits=True, init_weights=False)
    randomise(network, 4)
    whole = {key: value.clone() for key, value in network.state_dict().items()}
    network.aux_logits, network.aux1, network.aux2 = False, None, None  # as torchvision does after loading published weights
    write("googlenet", network, whole, 4)
    if len(sys.argv) > 2:
        network = torchvision.models.mobilenet_v2(weights=None)
        network.load_state_dict(torch.load(sys.argv[2], map_location="cpu", weights_only=True))
        write("mobilenet_v2", network, network.state_dict(), 5)
