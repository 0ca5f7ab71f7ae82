# A small vision transformer with random weights as recipes/layers-vit.toml takes it: python3 recipes/vit/export.py recipes/vit/start.pt2
# Needs PyTorch 2.9 or newer with torchvision.
import sys

import torch
import torchvision

torch.manual_seed(1)
network = torchvision.models.VisionTransformer(
    image_size=64, patch_size=8, num_layers=4, num_heads=4, hidden_dim=128, mlp_dim=256, num_classes=24)
torch.nn.init.trunc_normal_(network.heads.head.weight, std=0.02)  # torchvision leaves it at zero
images = torch.zeros(2, 3, 64, 64)
program = torch.export.export(network.eval(), (images,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
torch.export.save(program, sys.argv[1])
