"""Exports torchvision's classifiers as ONNX by both of PyTorch's exporters, beside what torchvision_networks.py made in the same folder.

    python3 torchvision_onnx.py FOLDER [NAME ...]

FOLDER/NAME must hold reference.json of torchvision_networks.py: weights, input and answers are the same. Added are NAME-legacy.onnx (opset 17, weights within) and NAME-dynamo.onnx with
NAME-dynamo.onnx.data (the newer exporter's opset), the batch left open; and onnx.json, with the versions and the names of modules whose values are inner0.npy ... as in reference.json. The newer exporter
needs onnxscript and onnx_ir; ONNX_SOURCES names a folder with their sources where they are not installed.
"""
import json, os, sys, warnings
if "ONNX_SOURCES" in os.environ: sys.path.insert(0, os.environ["ONNX_SOURCES"])
import numpy as np, torch, torchvision
from torchvision_networks import NAMES, make


def keep(folder, name):
    place = os.path.join(folder, name)
    model = make(name)
    x = torch.from_numpy(np.load(os.path.join(place, "input.npy")))
    expected = torch.from_numpy(np.load(os.path.join(place, "output.npy")))
    with torch.no_grad(): difference = float((model(x.clone()) - expected).abs().max() / expected.abs().max())
    assert difference < 1e-3, (name, "the network is not the one of reference.json", difference)
    made = {}
    for exporter in ("legacy", "dynamo"):
        file = os.path.join(place, f"{name}-{exporter}.onnx")
        try:
            if exporter == "legacy":
                torch.onnx.export(model, (x,), file, dynamo=False, opset_version=17, input_names=["x"], output_names=["logits"], dynamic_axes={"x": {0: "batch"}})
            else:
                torch.onnx.export(model, (x,), file, dynamo=True, dynamic_shapes=({0: torch.export.Dim("batch")},), verbose=False)
            made[exporter] = os.path.basename(file)
        except Exception as error:
            print(name, exporter, "failed:", type(error).__name__, str(error)[:300], flush=True)
    with open(os.path.join(place, "onnx.json"), "w") as file:
        json.dump(dict(name=name, torch=torch.__version__, torchvision=torchvision.__version__, files=made), file, indent=1)
    print(name, made, flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for name in sys.argv[2:] or NAMES: keep(sys.argv[1], name)
