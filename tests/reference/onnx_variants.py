"""Exports small random networks of unlike kinds as ONNX in every form that PyTorch's two exporters write: versions of the operators, batches open and fixed, with and without optimisation.

    python3 onnx_variants.py FOLDER

FOLDER/NAME/ gets input.npy (three images), output.npy (PyTorch's answers) and VARIANT.onnx; ONNX_SOURCES as for torchvision_onnx.py.
"""
import copy, os, sys, warnings
if "ONNX_SOURCES" in os.environ: sys.path.insert(0, os.environ["ONNX_SOURCES"])
import numpy as np, torch
from torch import nn
from torchvision.models import convnext, densenet, resnet, shufflenetv2, swin_transformer, vision_transformer
from torchvision_networks import settle


class Narrow(resnet.ResNet):
    def _make_layer(self, block, planes, *a, **k): return super()._make_layer(block, planes // 8, *a, **k)


def networks():
    narrow = Narrow(resnet.BasicBlock, [2, 1, 1, 1])
    narrow.fc = nn.Linear(64, 6)
    yield "resnet", narrow
    yield "vit", vision_transformer.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=6)
    yield "swin", swin_transformer.SwinTransformer([4, 4], 16, [2, 2], [2, 4], [4, 4], num_classes=6)
    yield "shufflenet", shufflenetv2.ShuffleNetV2([2, 2, 2], [8, 16, 24, 32, 48], num_classes=6)
    yield "densenet", densenet.DenseNet(8, (2, 2, 2), 16, num_classes=6)
    yield "convnext", convnext.ConvNeXt([convnext.CNBlockConfig(8, 16, 1), convnext.CNBlockConfig(16, None, 1)], num_classes=6)


def variants(x):
    open_legacy, open_dynamo = dict(dynamic_axes={"x": {0: "batch"}}), dict(dynamic_shapes=({0: torch.export.Dim("batch")},))
    for opset in (11, 13, 17): yield f"legacy-{opset}", x, dict(dynamo=False, opset_version=opset, **open_legacy)
    yield "legacy-training", x, dict(dynamo=False, opset_version=17, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False, **open_legacy)
    yield "legacy-inputs", x, dict(dynamo=False, opset_version=17, keep_initializers_as_inputs=True, **open_legacy)
    for opset in (18, 20, 21, 23): yield f"dynamo-{opset}", x, dict(dynamo=True, opset_version=opset, **open_dynamo)
    yield "dynamo-plain", x, dict(dynamo=True, optimize=False, **open_dynamo)
    yield "dynamo-within", x, dict(dynamo=True, external_data=False, **open_dynamo)
    for batch in (1, 2):
        yield f"legacy-batch-{batch}", x[:batch], dict(dynamo=False, opset_version=17)
        yield f"dynamo-batch-{batch}", x[:batch], dict(dynamo=True)


def main(folder):
    for name, model in networks():
        place = os.path.join(folder, name)
        os.makedirs(place, exist_ok=True)
        settle(model, name, 18).eval()
        x = torch.from_numpy(np.random.default_rng(19).standard_normal((3, 3, 32, 32)).astype(np.float32))
        with torch.no_grad(): output = model(x.clone())
        np.save(os.path.join(place, "input.npy"), x.numpy())
        np.save(os.path.join(place, "output.npy"), output.numpy())
        for variant, images, arguments in variants(x):
            try:
                if arguments["dynamo"]: arguments["verbose"] = False
                torch.onnx.export(copy.deepcopy(model).eval(), (images.clone(),), os.path.join(place, f"{variant}.onnx"), input_names=["x"], output_names=["logits"], **arguments)
            except Exception as error:
                print(name, variant, "failed:", type(error).__name__, str(error)[:200].replace("\n", " "), flush=True)
        print(name, "images differ by", float((output[0] - output[1]).abs().max()), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    torch.manual_seed(17)
    main(sys.argv[1])
